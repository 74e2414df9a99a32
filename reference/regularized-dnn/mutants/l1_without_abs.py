# ko: 절댓값 없이 더해 양수와 음수가 지워진다.
# en: Adds without absolute values, so that signs cancel.
# trips: penalties.l1, public_penalties.values
# misconception: penalty-without-absolute-value
def l1_penalty(params, lam):
    return lam * sum(param.sum() for param in params)
