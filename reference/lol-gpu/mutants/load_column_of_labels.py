# ko: y를 (n, 1)로 돌려준다.
# en: Returns y as (n, 1).
# trips: load_split.values, public_load.shipped
# misconception: column-or-vector
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name), index_col=0)

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy()[:, None] if Path(folder, "y_test.csv").exists() else None
    return X_train.to_numpy(dtype=float), y_train.to_numpy()[:, None], X_test.to_numpy(dtype=float), y_test
