# ko: 맞혔는지 보지 않고 정답이 1이면 늘 더한다 (헤브 규칙).
# en: Adds whenever the answer is 1, right or wrong (Hebb's rule).
# trips: perceptron_update.too_high, perceptron_update.right
# misconception: hebbian-update
def perceptron_update(w, b, x, y, lr):
    return w + lr * y * x, float(b + lr * y)
