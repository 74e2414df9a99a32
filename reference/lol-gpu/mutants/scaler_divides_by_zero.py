# ko: 상수 열에서 0으로 나눈다.
# en: Divides by zero in constant columns.
# trips: scaling.constant
# misconception: zero-range-division
def fit_scaler(X):
    return X.mean(axis=0), X.std(axis=0)


def scale(X, scaler):
    mean, std = scaler
    return (X - mean) / std
