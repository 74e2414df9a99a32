# ko: 은닉층에 시그모이드의 미분 h(1 - h)를 썼다.
# en: Uses the sigmoid's derivative h(1 - h) for the hidden layer.
# trips: backward.hidden_layer
# misconception: wrong-activation-derivative
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = (delta @ params["W2"].T) * H * (1 - H)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
