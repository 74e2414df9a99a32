# ko: 받은 배열을 그 자리에서 바꾼다.
# en: Changes the array that it was given.
# trips: min_max.pure
# misconception: in-place-arguments
def min_max_apply(X, lo, hi):
    X -= lo
    X /= np.where(hi > lo, hi - lo, 1.0)
    X[:, hi == lo] = 0.0
    return X
