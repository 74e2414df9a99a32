# ko: squeeze 때문에 예제가 하나일 때 배열이 아니라 수 하나가 된다.
# en: A squeeze turns the answer for a single example into a bare number.
# trips: predict.one_feature
# misconception: squeezed-single-example
def predict(X, w, b):
    return np.squeeze(step(X @ w.reshape(-1, 1) + b))
