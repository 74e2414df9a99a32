# ko: (n,)과 (n, 1)을 빼서 (n, n)의 평균이 된다.
# en: Subtracts (n, 1) from (n,), and averages an (n, n) table.
# trips: public_mse.value, mse.values
# misconception: broadcast-column
def mse(w, b, X, y):
    return float(np.mean((X @ w + b - y.reshape(-1, 1)) ** 2))
