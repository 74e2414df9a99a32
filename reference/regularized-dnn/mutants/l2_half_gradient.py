# ko: 곱의 한쪽을 detach해 기울기가 절반이 된다.
# en: Detaches one factor of the square, which halves the gradient.
# trips: penalties.l2_gradient
# misconception: half-penalty-gradient
def l2_penalty(params, lam):
    return lam * sum((param * param.detach()).sum() for param in params)
