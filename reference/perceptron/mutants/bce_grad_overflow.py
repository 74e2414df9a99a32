# ko: e^z / (1 + e^z)에서 무한대를 무한대로 나눈다.
# en: Divides infinity by infinity in e^z / (1 + e^z).
# trips: bce_grad.extreme
# misconception: exp-overflow
def bce_grad(w, b, X, y):
    with np.errstate(all="ignore"):
        growth = np.exp(X @ w + b)
        error = growth / (1 + growth) - y
    return X.T @ error / len(y), float(np.mean(error))
