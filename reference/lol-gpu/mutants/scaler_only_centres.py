# ko: 평균만 빼고 폭은 맞추지 않는다.
# en: Only subtracts the mean; the widths stay.
# trips: scaling.similar, public_scaling.handy
# misconception: centred-not-scaled
def fit_scaler(X):
    return X.mean(axis=0), X.std(axis=0)


def scale(X, scaler):
    mean, std = scaler
    return X - mean
