# ko: n이 아니라 n - 1로 나눈 표준편차를 쓴다.
# en: Uses the standard deviation over n - 1, not over n.
# trips: standardize.fit, public_scaling.standardize
# misconception: sample-standard-deviation
def standardize_fit(X):
    return X.mean(axis=0), X.std(axis=0, ddof=1)
