# ko: 맞힌 예제에서도 정답 쪽으로 움직인다.
# en: Moves towards the answer even when the prediction was right.
# trips: perceptron_update.right
# misconception: hebbian-update
def perceptron_update(w, b, x, y, lr):
    direction = 1.0 if y == 1 else -1.0
    return w + lr * direction * x, float(b + lr * direction)
