# ko: 오차의 부호가 반대라서 틀린 쪽으로 더 간다.
# en: The error has the wrong sign, so that each update makes the mistake larger.
# trips: public_perceptron_update.values, perceptron_update.too_low, perceptron_update.too_high
# misconception: backward-update
def perceptron_update(w, b, x, y, lr):
    error = step(np.dot(w, x) + b) - y
    return w + lr * error * x, float(b + lr * error)
