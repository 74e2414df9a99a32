# ko: seed를 쓰지 않아 부를 때마다 값이 다르다.
# en: Ignores the seed: each call gives other values.
# trips: gradient_norms.seeded
# misconception: seed-ignored
def gradient_norms(depth, activation, seed):
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
    return [linear.weight.grad.norm().item() for linear in linears[:-1]]
