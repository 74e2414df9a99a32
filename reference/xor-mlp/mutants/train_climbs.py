# ko: 기울기를 더해서 손실을 따라 올라간다.
# en: Adds the gradient and climbs the loss.
# trips: train.losses, train.params, train.learns_xor
# misconception: climbing
def train(params, X, y, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        slope = backward(params, X, y)
        params = {key: params[key] + lr * slope[key] for key in params}
    return params, losses
