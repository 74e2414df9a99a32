# ko: y_test.csv가 언제나 있다고 믿는다.
# en: Takes it for granted that y_test.csv is there.
# trips: load_split.no_answers, public_load.shipped
# misconception: test-answers-expected
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name), index_col=0)

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if True else None
    return X_train.to_numpy(dtype=float), y_train.to_numpy(), X_test.to_numpy(dtype=float), y_test
