# ko: 제곱 오차의 미분 2(p - y)p(1 - p)을 썼다.
# en: The derivative of the squared error, 2(p - y)p(1 - p).
# trips: backward.output_layer, backward.hidden_layer
# misconception: squared-error-for-cross-entropy
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = 2 * (P - y) * P * (1 - P) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
