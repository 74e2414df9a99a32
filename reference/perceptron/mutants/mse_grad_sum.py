# ko: 기울기를 n으로 나누지 않는다.
# en: The gradient is not divided by n.
# trips: public_mse_grad.value, mse_grad.gradient, mse_grad.bias, gradient_descent.converges
# misconception: missing-one-over-n
def mse_grad(w, b, X, y):
    error = X @ w + b - y
    return 2 * X.T @ error, float(2 * np.sum(error))
