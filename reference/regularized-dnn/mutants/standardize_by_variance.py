# ko: 표준편차가 아니라 분산으로 나눈다.
# en: Divides by the variance, not by the standard deviation.
# trips: standardize.unseen
# misconception: variance-for-std
def standardize_apply(X, mean, std):
    return np.where(std > 0, (X - mean) / np.where(std > 0, std**2, 1.0), 0.0)
