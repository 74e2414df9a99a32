# ko: 받은 X를 제자리에서 고친다.
# en: Changes the X that it was given in place.
# trips: scaling.pure
# misconception: in-place-arguments
def scale(X, scaler):
    mean, std = scaler
    X -= mean
    X /= np.where(std > 1e-9, std, 1.0)
    return X
