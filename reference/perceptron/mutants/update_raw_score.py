# ko: 예측 대신 점수 z와 정답의 차이로 고친다 (델타 규칙).
# en: Corrects by the difference from the score z instead of the prediction (the delta rule).
# trips: perceptron_update.too_low, perceptron_update.too_high
# misconception: score-for-prediction
def perceptron_update(w, b, x, y, lr):
    error = y - (np.dot(w, x) + b)
    return w + lr * error * x, float(b + lr * error)
