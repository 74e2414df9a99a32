# ko: lam을 곱하지 않는다.
# en: Does not multiply by lam.
# trips: penalties.l2
# misconception: penalty-without-strength
def l2_penalty(params, lam):
    return sum((param**2).sum() for param in params)
