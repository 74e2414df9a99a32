# ko: max_epochs를 쓰지 않고 늘 많아야 200번 돈다.
# en: Ignores max_epochs and always allows 200 epochs.
# trips: fit_perceptron.never_ends
# misconception: ignored-argument
def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(200):
        wrong = 0
        for x, target in zip(X, y):
            wrong += int(step(np.dot(w, x) + b) != target)
            w, b = perceptron_update(w, b, x, target, lr)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes
