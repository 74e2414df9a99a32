# ko: 떼어 낸(detach) 값으로 계산해 기울기가 흐르지 않는다.
# en: Computes with detached values, so that no gradient flows.
# trips: penalties.l2_gradient
# misconception: penalty-detached
def l2_penalty(params, lam):
    return lam * sum((param.detach() ** 2).sum() for param in params)
