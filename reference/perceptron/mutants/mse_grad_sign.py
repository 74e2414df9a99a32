# ko: 오차를 y - 예측으로 두어 기울기의 부호가 반대다.
# en: The error is y - prediction, so the gradient points downhill.
# trips: public_mse_grad.value, mse_grad.gradient, mse_grad.minimum, gradient_descent.converges
# misconception: opposite-sign, climbing
def mse_grad(w, b, X, y):
    error = y - (X @ w + b)
    return 2 * X.T @ error / len(y), float(2 * np.mean(error))
