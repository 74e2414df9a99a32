# ko: activation을 쓰지 않고 언제나 ReLU다.
# en: Ignores activation: always ReLU.
# trips: gradient_norms.vanishing, gradient_norms.relu_survives
# misconception: ignored-argument
def gradient_norms(depth, activation, seed):
    torch.manual_seed(seed)
    bend = nn.ReLU
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
