# ko: 확률을 1e-7에서 잘라, 확신하며 틀린 예제의 손실이 16에서 멈춘다.
# en: Clips probabilities at 1e-7, so that being confidently wrong never costs more than 16.
# trips: bce.confident, bce.extreme
# misconception: clipped-too-early
def bce(w, b, X, y):
    p = np.clip(sigmoid(X @ w + b), 1e-7, 1 - 1e-7)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
