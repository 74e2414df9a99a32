# ko: 데이터를 한 번만 보고 끝낸다.
# en: Passes over the data only once.
# trips: public_fit_perceptron.learns_or, fit_perceptron.separates, fit_perceptron.stops, fit_perceptron.bias
# misconception: single-epoch
def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    w, b, wrong = np.zeros(X.shape[1]), 0.0, 0
    for x, target in zip(X, y):
        wrong += int(step(np.dot(w, x) + b) != target)
        w, b = perceptron_update(w, b, x, target, lr)
    return w, b, [wrong]
