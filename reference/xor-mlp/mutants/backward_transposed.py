# ko: W1의 기울기가 전치되어 (n_hidden, n_in)이다.
# en: The gradient of W1 is transposed: (n_hidden, n_in).
# trips: backward.shapes, backward.hidden_layer, public_backward.gradient
# misconception: transposed-gradient
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": epsilon.T @ X, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
