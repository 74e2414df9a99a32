# ko: 제곱을 미분할 때의 2를 빠뜨린다.
# en: The 2 from the derivative of the square is left out.
# trips: public_mse_grad.value, mse_grad.gradient, mse_grad.bias, gradient_descent.path
# misconception: factor-of-two
def mse_grad(w, b, X, y):
    error = X @ w + b - y
    return X.T @ error / len(y), float(np.mean(error))
