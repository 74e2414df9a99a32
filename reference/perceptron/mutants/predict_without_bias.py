# ko: 예측에서 편향 b를 더하지 않는다.
# en: The bias b is left out of the prediction.
# trips: public_predict.values, predict.values, predict.boundary
# misconception: missing-bias
def predict(X, w, b):
    return step(X @ w)
