# ko: 식 대신 걸음이 큰 전진 차분으로 기울기를 어림했다.
# en: Estimates the gradients by coarse forward differences.
# trips: backward.values
# misconception: numeric-gradient
def backward(params, X, y, h=1e-3):
    here = loss(params, X, y)
    slopes = {}
    for key, value in params.items():
        slopes[key] = np.zeros_like(value)
        for index in np.ndindex(value.shape):
            moved = {name: array.copy() for name, array in params.items()}
            moved[key][index] += h
            slopes[key][index] = (loss(moved, X, y) - here) / h
    return slopes
