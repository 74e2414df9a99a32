# ko: 확률을 (n,)으로 펴서 (n, 1)인 y와 만나 (n, n)이 된다.
# en: Flattens the probabilities to (n,); with y (n, 1) they become (n, n).
# trips: loss.values
# misconception: broadcast-column
def loss(params, X, y):
    P = np.clip(forward(params, X).ravel(), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(P) + (1 - y) * np.log(1 - P)))
