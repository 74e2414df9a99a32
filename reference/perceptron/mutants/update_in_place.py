# ko: w += 로 고쳐서 부른 쪽의 w까지 바뀐다.
# en: w += changes the caller's w as well.
# trips: perceptron_update.keeps_arguments
# misconception: in-place-arguments
def perceptron_update(w, b, x, y, lr):
    error = y - step(np.dot(w, x) + b)
    w += lr * error * x
    b += lr * error
    return w, float(b)
