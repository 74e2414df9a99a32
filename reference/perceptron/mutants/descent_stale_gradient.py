# ko: 기울기를 반복문 밖에서 한 번만 구한다.
# en: Takes the gradient only once, outside the loop.
# trips: public_gradient_descent.two_steps, gradient_descent.path, gradient_descent.converges
# misconception: stale-gradient
def gradient_descent(X, y, lr, epochs):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    dw, db = mse_grad(w, b, X, y)
    for _ in range(epochs):
        losses.append(mse(w, b, X, y))
        w, b = w - lr * dw, b - lr * db
    return w, b, losses
