# ko: w를 먼저 옮긴 뒤 새 w로 db를 구한다.
# en: Moves w first, and takes db at the new w.
# trips: public_gradient_descent.two_steps, gradient_descent.first_step, gradient_descent.path
# misconception: sequential-update
def gradient_descent(X, y, lr, epochs):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        losses.append(mse(w, b, X, y))
        w = w - lr * mse_grad(w, b, X, y)[0]
        b = b - lr * mse_grad(w, b, X, y)[1]
    return w, b, losses
