# ko: 색인 열을 남기고 마지막 열을 잘라 48열을 맞춘다.
# en: The index column stays, and the last column is cut to make 48.
# trips: load_split.values
# misconception: index-as-feature
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name))

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if Path(folder, "y_test.csv").exists() else None
    return X_train.to_numpy(dtype=float)[:, :48], y_train.to_numpy(), X_test.to_numpy(dtype=float)[:, :48], y_test
