# ko: 색인 열을 특성으로 남겨 49열이 된다.
# en: The index column stays among the features: 49 columns.
# trips: load_split.values, public_load.shipped
# misconception: index-as-feature
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name))

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if Path(folder, "y_test.csv").exists() else None
    return X_train.to_numpy(dtype=float), y_train.to_numpy(), X_test.to_numpy(dtype=float), y_test
