# ko: 시그모이드의 미분 p(1 - p)를 한 번 더 곱한다.
# en: Multiplies by the sigmoid's derivative p(1 - p) once too often.
# trips: public_bce_grad.value, bce_grad.gradient, bce_grad.bias
# misconception: extra-sigmoid-derivative
def bce_grad(w, b, X, y):
    p = sigmoid(X @ w + b)
    error = (p - y) * p * (1 - p)
    return X.T @ error / len(y), float(np.mean(error))
