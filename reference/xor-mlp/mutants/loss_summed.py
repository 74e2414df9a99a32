# ko: 손실이 평균이 아니라 합이다.
# en: The loss is the sum, not the mean.
# trips: loss.values, public_loss.value
# misconception: loss-summed
def loss(params, X, y):
    P = np.clip(forward(params, X), 1e-12, 1 - 1e-12)
    return float(-np.sum(y * np.log(P) + (1 - y) * np.log(1 - P)))
