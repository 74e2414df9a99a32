# ko: 상수 열의 표준편차를 0이 아니라 1로 돌려준다.
# en: Returns 1, not 0, as the deviation of a constant column.
# trips: standardize.fit
# misconception: one-for-zero-std
def standardize_fit(X):
    std = X.std(axis=0)
    return X.mean(axis=0), np.where(std > 0, std, 1.0)
