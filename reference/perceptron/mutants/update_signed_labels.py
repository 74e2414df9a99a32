# ko: 레이블이 -1과 1일 때의 규칙을 0과 1에 써서, 정답이 0이면 움직이지 않는다.
# en: Uses the rule for labels -1 and 1, so that nothing moves when the answer is 0.
# trips: perceptron_update.too_high
# misconception: update-signed-labels
def perceptron_update(w, b, x, y, lr):
    if (np.dot(w, x) + b >= 0) != (y == 1):
        return w + lr * y * x, float(b + lr * y)
    return w, b
