# ko: 정답 파일이 없으면 0을 지어낸다.
# en: Makes up zeros where there are no answers.
# trips: load_split.no_answers
# misconception: answers-made-up
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name), index_col=0)

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if Path(folder, "y_test.csv").exists() else np.zeros(len(X_test))
    return X_train.to_numpy(dtype=float), y_train.to_numpy(), X_test.to_numpy(dtype=float), y_test
