# ko: 걸음을 뗀 뒤의 손실을 적는다.
# en: Records the loss after the step.
# trips: train.losses
# misconception: loss-after-step
def train(params, X, y, lr, epochs):
    losses = []
    for _ in range(epochs):
        slope = backward(params, X, y)
        params = {key: params[key] - lr * slope[key] for key in params}
        losses.append(loss(params, X, y))
    return params, losses
