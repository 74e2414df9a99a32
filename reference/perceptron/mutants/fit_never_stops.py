# ko: 실수가 0이 되어도 max_epochs까지 계속한다.
# en: Goes on to max_epochs although no mistake is left.
# trips: public_fit_perceptron.learns_or, fit_perceptron.stops
# misconception: trains-past-perfection
def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        wrong = 0
        for x, target in zip(X, y):
            wrong += int(step(np.dot(w, x) + b) != target)
            w, b = perceptron_update(w, b, x, target, lr)
        mistakes.append(wrong)
    return w, b, mistakes
