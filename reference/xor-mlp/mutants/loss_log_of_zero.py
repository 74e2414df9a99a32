# ko: 로그에 0이 들어가는 것을 막지 않는다.
# en: Nothing keeps a zero out of the logarithm.
# trips: loss.saturated
# misconception: naive-log
def loss(params, X, y):
    P = forward(params, X)
    return float(-np.mean(y * np.log(P) + (1 - y) * np.log(1 - P)))
