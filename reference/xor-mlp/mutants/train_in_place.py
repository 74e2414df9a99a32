# ko: params[key] -= ...로 시작점을 그 자리에서 바꾼다.
# en: params[key] -= ... changes the start in place.
# trips: train.pure
# misconception: in-place-arguments
def train(params, X, y, lr, epochs):
    params = dict(params)
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        slope = backward(params, X, y)
        for key in params:
            params[key] -= lr * slope[key]
    return params, losses
