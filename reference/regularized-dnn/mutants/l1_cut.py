# ko: `.item()`으로 값을 꺼내 기울기가 끊어진다.
# en: Takes the number out with .item(), which cuts the gradient.
# trips: penalties.l1_gradient
# misconception: penalty-detached
def l1_penalty(params, lam):
    return torch.tensor(lam * sum(param.abs().sum().item() for param in params))
