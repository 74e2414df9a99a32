# ko: p - y에 시그모이드의 미분 p(1 - p)를 한 번 더 곱했다.
# en: Multiplies p - y by the sigmoid's derivative p(1 - p) once too often.
# trips: backward.output_layer, backward.hidden_layer, public_backward.gradient
# misconception: extra-sigmoid-derivative
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    P = sigmoid(H @ params["W2"] + params["b2"])
    delta = (P - y) * P * (1 - P) / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
