# ko: 분모에 작은 수를 더해, 상수 열의 처음 보는 값이 엄청나게 커진다.
# en: Adds a tiny number below, so that new values of a constant column explode.
# trips: min_max.constant
# misconception: tiny-number-for-zero
def min_max_apply(X, lo, hi):
    return (X - lo) / (hi - lo + 1e-12)
