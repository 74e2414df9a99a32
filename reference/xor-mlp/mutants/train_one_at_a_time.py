# ko: 매개변수를 하나 바꿀 때마다 기울기를 다시 구해, 함께 움직이지 않는다.
# en: Moves one parameter at a time, with a new gradient after each: they do not move together.
# trips: train.params, train.losses
# misconception: sequential-update
def train(params, X, y, lr, epochs):
    params = dict(params)
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        for key in params:
            params[key] = params[key] - lr * backward(params, X, y)[key]
    return params, losses
