# ko: 기울기가 아니라 가중치의 크기를 잰다.
# en: Measures the weights, not their gradients.
# trips: gradient_norms.vanishing
# misconception: weights-for-gradients
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
    return [linear.weight.norm().item() for linear in linears[:-1]]
