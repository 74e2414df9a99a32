# ko: 역전파의 차례대로, 마지막 층부터 첫 층까지 담는다.
# en: Lists the layers as backpropagation meets them, last to first.
# trips: gradient_norms.vanishing
# misconception: last-layer-first
def gradient_norms(depth, activation, seed):
    torch.manual_seed(seed)
    bend = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[activation]
    layers, width = [], 2
    for _ in range(depth):
        layers += [nn.Linear(width, 16), bend()]
        width = 16
    model = nn.Sequential(*layers, nn.Linear(16, 1))
    points = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    nn.functional.binary_cross_entropy_with_logits(model(points), labels).backward()
    linears = [module for module in model if isinstance(module, nn.Linear)]
    return [linear.weight.grad.norm().item() for linear in linears[:-1]][::-1]
