# ko: 편향에만 1/n이 없다.
# en: Only the biases lack 1/n.
# trips: backward.output_layer, backward.hidden_layer
# misconception: missing-one-over-n
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = P - y
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon / len(X), "b1": epsilon.sum(axis=0), "W2": H.T @ delta / len(X), "b2": delta.sum(axis=0)}
