# ko: 이미 tanh를 지난 h를 tanh의 미분에 다시 넣었다.
# en: Puts h, which has been through tanh, into tanh's derivative again.
# trips: backward.hidden_layer
# misconception: before-or-after-activation
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - np.tanh(H) ** 2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
