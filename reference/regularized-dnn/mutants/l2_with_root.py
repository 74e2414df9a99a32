# ko: 제곱근을 씌운 norm을 쓴다.
# en: Takes the norm, with its root.
# trips: penalties.l2, public_penalties.values
# misconception: norm-for-squares
def l2_penalty(params, lam):
    return lam * sum(param.norm() for param in params)
