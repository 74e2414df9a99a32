# ko: 평균 대신 합을 구한다.
# en: A sum instead of a mean.
# trips: public_mse.value, mse.values
# misconception: loss-summed
def mse(w, b, X, y):
    return float(np.sum((X @ w + b - y) ** 2))
