# ko: 확률 대신 step의 0/1 예측을 쓴다.
# en: Uses the 0/1 prediction of step instead of the probability.
# trips: public_bce_grad.value, bce_grad.gradient, bce_grad.bias
# misconception: hard-prediction-for-probability
def bce_grad(w, b, X, y):
    error = step(X @ w + b) - y
    return X.T @ error / len(y), float(np.mean(error))
