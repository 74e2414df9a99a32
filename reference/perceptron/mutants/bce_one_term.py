# ko: 정답이 1인 예제의 손실만 센다.
# en: Counts only the loss of examples whose answer is 1.
# trips: public_bce.value, bce.values, bce.zero_scores
# misconception: one-term-cross-entropy
def bce(w, b, X, y):
    z = X @ w + b
    return float(np.mean(y * np.logaddexp(0, -z)))
