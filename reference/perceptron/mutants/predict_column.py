# ko: 예측이 (n,)이 아니라 열벡터 (n, 1)이다.
# en: The predictions are a column (n, 1) instead of (n,).
# trips: public_predict.values, predict.values, predict.one_feature
# misconception: column-or-vector
def predict(X, w, b):
    return step(X @ w.reshape(-1, 1) + b)
