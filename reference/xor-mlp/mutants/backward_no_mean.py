# ko: 평균 손실인데 1/n을 빠뜨렸다.
# en: The loss is a mean, but 1/n is left out.
# trips: backward.output_layer, backward.hidden_layer, backward.values, public_backward.gradient
# misconception: missing-one-over-n
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = P - y
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
