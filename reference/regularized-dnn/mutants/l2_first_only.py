# ko: 목록의 첫 텐서만 센다.
# en: Counts only the first tensor of the list.
# trips: penalties.l2
# misconception: first-parameter-only
def l2_penalty(params, lam):
    return lam * (params[0] ** 2).sum()
