# ko: 기본값으로 준 리스트를 써서 앞선 호출의 기록이 남는다.
# en: A list as a default value keeps the mistakes of earlier calls.
# trips: fit_perceptron.again
# misconception: state-between-calls
def fit_perceptron(X, y, lr=0.1, max_epochs=100, mistakes=[]):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(max_epochs):
        wrong = 0
        for x, target in zip(X, y):
            wrong += int(step(np.dot(w, x) + b) != target)
            w, b = perceptron_update(w, b, x, target, lr)
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, b, mistakes
