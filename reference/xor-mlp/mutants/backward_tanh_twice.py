# ko: 은닉층의 미분 1 - h²을 두 번 곱했다.
# en: The derivative of the hidden layer, 1 - h**2, is multiplied in twice.
# trips: backward.hidden_layer, public_backward.gradient
# misconception: activation-derivative-twice
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2) ** 2
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
