# ko: y -= p로 y를 그 자리에서 바꾼다.
# en: y -= p changes y in place.
# trips: backward.pure
# misconception: in-place-arguments
def backward(params, X, y):
    H = np.tanh(X @ params["W1"] + params["b1"])
    y -= sigmoid(H @ params["W2"] + params["b2"])
    delta = -y / len(X)
    epsilon = (delta @ params["W2"].T) * (1 - H**2)
    return {"W1": X.T @ epsilon, "b1": epsilon.sum(axis=0), "W2": H.T @ delta, "b2": delta.sum(axis=0)}
