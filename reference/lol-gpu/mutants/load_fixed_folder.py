# ko: 받은 폴더 대신 코드에 적힌 폴더를 읽는다.
# en: Reads a folder that is written into the code, not the one it is given.
# trips: load_split.values, load_split.index
# misconception: folder-written-in-code
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(DATA, name), index_col=0)

    X_train, X_test = table("x_train.csv"), table("x_test.csv")
    y_train = table("y_train.csv")["blueWins"]
    y_test = table("y_test.csv")["blueWins"].to_numpy() if Path(DATA, "y_test.csv").exists() else None
    return X_train.to_numpy(dtype=float), y_train.to_numpy(), X_test.to_numpy(dtype=float), y_test
