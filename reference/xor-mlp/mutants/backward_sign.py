# ko: y - p로 써서 부호가 반대다.
# en: y - p: the sign is the wrong way round.
# trips: backward.output_layer, backward.hidden_layer, backward.values, public_backward.gradient, train.learns_xor
# misconception: opposite-sign
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (y - P) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
