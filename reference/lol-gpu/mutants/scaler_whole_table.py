# ko: 열마다가 아니라 표 전체의 평균과 표준편차 하나를 쓴다.
# en: One mean and one deviation for the whole table, not one a column.
# trips: scaling.similar, public_scaling.handy
# misconception: scaled-whole-table
def fit_scaler(X):
    return X.mean(), X.std()


def scale(X, scaler):
    mean, std = scaler
    return (X - mean) / np.where(std > 1e-9, std, 1.0)
