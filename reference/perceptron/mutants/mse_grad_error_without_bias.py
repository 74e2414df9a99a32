# ko: 기울기를 구할 때의 예측에 b가 빠졌다.
# en: The prediction inside the gradient leaves out b.
# trips: mse_grad.gradient, mse_grad.minimum
# misconception: missing-bias
def mse_grad(w, b, X, y):
    error = X @ w - y
    return 2 * X.T @ error / len(y), float(2 * np.mean(error))
