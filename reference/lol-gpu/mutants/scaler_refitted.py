# ko: scale을 부를 때마다 지금 받은 X에서 다시 잰다.
# en: Measures the X at hand anew whenever scale is called.
# trips: scaling.rows_alone, public_scaling.handy
# misconception: scaler-leak
def fit_scaler(X):
    return X.mean(axis=0), X.std(axis=0)


def scale(X, scaler):
    mean, std = scaler
    return (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 1e-9, X.std(axis=0), 1.0)
