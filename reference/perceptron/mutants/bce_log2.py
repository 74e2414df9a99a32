# ko: 자연로그 대신 밑이 2인 로그를 쓴다.
# en: Uses the logarithm of base 2.
# trips: public_bce.value, bce.values, bce.zero_scores
# misconception: wrong-log-base
def bce(w, b, X, y):
    z = X @ w + b
    return float(np.mean(np.logaddexp(0, np.where(y == 1, -z, z))) / np.log(2))
