# ko: 마지막 걸음 뒤의 손실까지 적어 하나가 더 많다.
# en: Also records the loss after the last step: one too many.
# trips: train.losses
def train(params, X, y, lr, epochs):
    losses = [loss(params, X, y)]
    for _ in range(epochs):
        slope = backward(params, X, y)
        params = {key: params[key] - lr * slope[key] for key in params}
        losses.append(loss(params, X, y))
    return params, losses
