# ko: 확률이 정확히 0이나 1이 될 때를 생각하지 않아 NaN이 된다.
# en: Becomes NaN where a probability is exactly 0 or 1.
# trips: bce.extreme
# misconception: naive-log
def bce(w, b, X, y):
    p = sigmoid(X @ w + b)
    with np.errstate(all="ignore"):
        return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
