# ko: 멈추기 전에 실수가 0인 에폭을 적지 않는다.
# en: Stops before writing down the epoch without mistakes.
# trips: public_fit_perceptron.learns_or, fit_perceptron.stops
# misconception: last-epoch-unrecorded
def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        wrong = 0
        for x, target in zip(X, y):
            wrong += int(step(np.dot(w, x) + b) != target)
            w, b = perceptron_update(w, b, x, target, lr)
        if wrong == 0:
            break
        mistakes.append(wrong)
    return w, b, mistakes
