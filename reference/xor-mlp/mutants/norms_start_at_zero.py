# ko: 가중치를 0으로 시작해 은닉층으로 기울기가 전혀 흐르지 않는다.
# en: Starts the weights at zero, so that no gradient reaches the hidden layers.
# trips: gradient_norms.layers
def gradient_norms(depth, activation, seed):
    torch.manual_seed(seed)
    bend = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}[activation]
    layers, width = [], 2
    for _ in range(depth):
        layers += [nn.Linear(width, 16), bend()]
        width = 16
    model = nn.Sequential(*layers, nn.Linear(16, 1))
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    points = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    labels = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    nn.functional.binary_cross_entropy_with_logits(model(points), labels).backward()
    linears = [module for module in model if isinstance(module, nn.Linear)]
    return [linear.weight.grad.norm().item() for linear in linears[:-1]]
