# ko: 기울기를 torch의 자동 미분에 맡겼다.
# en: Leaves the gradients to torch's autograd.
# trips: backward.no_autograd
# misconception: autograd-for-backprop
def backward(params, X, y):
    leaves = {key: torch.tensor(value, requires_grad=True) for key, value in params.items()}
    hidden = torch.tanh(torch.tensor(X) @ leaves["W1"] + leaves["b1"])
    logits = hidden @ leaves["W2"] + leaves["b2"]
    nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(y)).backward()
    return {key: leaf.grad.numpy() for key, leaf in leaves.items()}
