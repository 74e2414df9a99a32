# ko: 정답 파일이 있어도 y_test는 None이다.
# en: y_test is None even where the file is there.
# trips: load_split.no_answers, load_split.values
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name), index_col=0)

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if False else None
    return X_train.to_numpy(dtype=float), y_train.to_numpy(), X_test.to_numpy(dtype=float), y_test
