# ko: 편향의 기울기를 예제에 대해 더하지 않았다.
# en: The gradients of the biases are not summed over the examples.
# trips: backward.shapes, backward.output_layer, backward.hidden_layer
# misconception: bias-gradient-not-summed
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon, "W2": H.T @ delta, "b2": delta}
