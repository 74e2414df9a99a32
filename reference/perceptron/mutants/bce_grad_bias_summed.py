# ko: dw는 평균인데 db는 합이다.
# en: dw is a mean, but db is a sum.
# trips: public_bce_grad.value, bce_grad.gradient, bce_grad.bias
# misconception: missing-one-over-n
def bce_grad(w, b, X, y):
    error = sigmoid(X @ w + b) - y
    return X.T @ error / len(y), float(np.sum(error))
