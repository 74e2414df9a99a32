# ko: 정답 표만 색인 순서로 정렬해 경기와 어긋난다.
# en: Only the labels are sorted by index, so they go to other matches.
# trips: load_split.index
# misconception: labels-of-other-rows
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name), index_col=0)

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv").sort_index()["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if Path(folder, "y_test.csv").exists() else None
    return X_train.to_numpy(dtype=float), y_train.to_numpy(), X_test.to_numpy(dtype=float), y_test
