# ko: 처음 보는 값을 0과 1 사이로 잘라 낸다.
# en: Clips new values to 0 to 1.
# trips: min_max.unseen
# misconception: clipped-to-range
def min_max_apply(X, lo, hi):
    return np.clip(np.where(hi > lo, (X - lo) / np.where(hi > lo, hi - lo, 1.0), 0.0), 0, 1)
