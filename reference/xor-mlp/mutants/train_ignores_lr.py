# ko: 학습률을 곱하지 않는다.
# en: Never multiplies by the learning rate.
# trips: train.losses, train.params
# misconception: no-learning-rate
def train(params, X, y, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        slope = backward(params, X, y)
        params = {key: params[key] - slope[key] for key in params}
    return params, losses
