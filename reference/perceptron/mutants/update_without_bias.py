# ko: w만 고치고 편향 b는 고치지 않는다.
# en: Only w is corrected, never the bias b.
# trips: perceptron_update.too_low, perceptron_update.too_high, fit_perceptron.bias
# misconception: missing-bias
def perceptron_update(w, b, x, y, lr):
    error = y - step(np.dot(w, x) + b)
    return w + lr * error * x, b
