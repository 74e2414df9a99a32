# ko: 걸음을 다른 변수에 담고 시작점을 돌려준다.
# en: Keeps the steps in another variable and returns the start.
# trips: train.params, train.pure, train.learns_xor
# misconception: nothing-learned
def train(params, X, y, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        slope = backward(params, X, y)
        stepped = {key: params[key] - lr * slope[key] for key in params}
    return params, losses
