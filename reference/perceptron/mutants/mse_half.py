# ko: 손실 앞에 1/2을 붙인다.
# en: Puts a factor 1/2 in front of the loss.
# trips: public_mse.value, mse.values, mse.one_example
# misconception: factor-of-two
def mse(w, b, X, y):
    return float(np.mean((X @ w + b - y) ** 2) / 2)
