# ko: y = 1인 항만 있고 y = 0인 항이 없다.
# en: Only the term for y = 1; nothing for y = 0.
# trips: loss.values, public_loss.value
# misconception: one-term-cross-entropy
def loss(params, X, y):
    P = np.clip(forward(params, X), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(P)))
