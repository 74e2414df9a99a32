# ko: 제곱근을 씌워 RMSE를 돌려준다.
# en: Takes the square root as well (RMSE).
# trips: public_mse.value, mse.values, mse.one_example, gradient_descent.first_step
# misconception: rmse-for-mse
def mse(w, b, X, y):
    return float(np.sqrt(np.mean((X @ w + b - y) ** 2)))
