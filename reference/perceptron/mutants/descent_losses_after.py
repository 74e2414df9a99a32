# ko: 걸음을 내딛은 뒤의 손실을 적는다.
# en: Writes down the loss after each step instead of before it.
# trips: public_gradient_descent.two_steps, gradient_descent.first_step, gradient_descent.path
# misconception: loss-after-step
def gradient_descent(X, y, lr, epochs):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        dw, db = mse_grad(w, b, X, y)
        w, b = w - lr * dw, b - lr * db
        losses.append(mse(w, b, X, y))
    return w, b, losses
