# ko: 교차 엔트로피 대신 제곱 오차의 평균이다.
# en: The mean squared error in place of cross-entropy.
# trips: loss.values, loss.saturated, public_loss.value
# misconception: squared-error-for-cross-entropy
def loss(params, X, y):
    return float(np.mean((forward(params, X) - y) ** 2))
