# ko: 열이 아니라 행마다 범위를 구한다.
# en: Takes the range of each row, not of each column.
# trips: min_max.fit
# misconception: scaled-per-row
def min_max_fit(X):
    return X.min(axis=1), X.max(axis=1)
