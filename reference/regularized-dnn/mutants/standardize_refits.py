# ko: 적용할 때 평균과 표준편차를 다시 구한다 (데이터 누출).
# en: Takes mean and deviation anew from the data at hand: leakage.
# trips: standardize.unseen
# misconception: scaler-leak
def standardize_apply(X, mean, std):
    mean, std = X.mean(axis=0), X.std(axis=0)
    return np.where(std > 0, (X - mean) / np.where(std > 0, std, 1.0), 0.0)
