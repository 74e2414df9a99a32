# ko: 은닉층의 미분 1 - h²을 빠뜨렸다.
# en: The derivative of the hidden layer, 1 - h**2, is left out.
# trips: backward.hidden_layer, backward.values, public_backward.gradient
# misconception: no-activation-derivative
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = delta @ params["W2"].T
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
