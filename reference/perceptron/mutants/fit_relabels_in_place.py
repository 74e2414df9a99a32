# ko: 받은 y의 0을 -1로 바꾸어 쓴다.
# en: Replaces the 0 in the caller's y by -1.
# trips: fit_perceptron.keeps_arguments
# misconception: in-place-arguments
def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    y[y == 0] = -1
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        wrong = 0
        for x, target in zip(X, y):
            guess = 1 if np.dot(w, x) + b >= 0 else -1
            if guess != target:
                wrong += 1
                w, b = w + lr * target * x, b + lr * target
        mistakes.append(wrong)
        if wrong == 0:
            break
    return w, float(b), mistakes
