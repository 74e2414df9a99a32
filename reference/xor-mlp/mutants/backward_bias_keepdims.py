# ko: 편향의 기울기가 (n_hidden,)이 아니라 (1, n_hidden)이다.
# en: The gradient of a bias is (1, n_hidden), not (n_hidden,).
# trips: backward.shapes
# misconception: column-or-vector
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0, keepdims=True), "W2": H.T @ delta, "b2": delta.sum(axis=0, keepdims=True)}
