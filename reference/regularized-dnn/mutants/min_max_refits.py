# ko: 적용할 때 받은 데이터에서 범위를 다시 구한다 (데이터 누출).
# en: Takes the range anew from the data at hand: leakage.
# trips: min_max.unseen, predict.alone
# misconception: scaler-leak
def min_max_apply(X, lo, hi):
    lo, hi = X.min(axis=0), X.max(axis=0)
    return np.where(hi > lo, (X - lo) / np.where(hi > lo, hi - lo, 1.0), 0.0)
