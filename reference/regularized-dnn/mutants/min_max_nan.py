# ko: 상수 열에서 0을 0으로 나누어 NaN이 된다.
# en: Divides 0 by 0 in constant columns and gets NaN.
# trips: min_max.constant, public_scaling.min_max
# misconception: zero-range-division
def min_max_apply(X, lo, hi):
    with np.errstate(all="ignore"):
        return (X - lo) / (hi - lo)
