# ko: residual = y를 복사라고 여겨, 부른 쪽의 y를 고친다.
# en: Takes residual = y for a copy and edits the caller's y.
# trips: gradient_descent.clean
# misconception: in-place-arguments
def gradient_descent(X, y, lr, epochs):
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    residual = y
    for _ in range(epochs):
        losses.append(float(np.mean(residual**2)))
        move_w = lr * 2 * X.T @ residual / len(y)
        move_b = lr * 2 * float(np.mean(residual))
        w, b = w + move_w, b + move_b
        residual -= X @ move_w + move_b
    return w, b, losses
