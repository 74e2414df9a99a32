# ko: 상수 열을 1로 나누기만 해서, 처음 보는 값이 0이 되지 않는다.
# en: Divides constant columns by 1, so that values never seen do not become 0.
# trips: standardize.constant
# misconception: constant-column-by-one
def standardize_apply(X, mean, std):
    return (X - mean) / np.where(std > 0, std, 1.0)
