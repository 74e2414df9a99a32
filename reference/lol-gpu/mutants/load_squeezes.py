# ko: squeeze()로 한 경기뿐인 폴더의 차원을 없앤다.
# en: squeeze() takes away a dimension where there is one match.
# trips: load_split.one_match
# misconception: squeezed-single-example
def load_split(folder):
    def table(name):
        return pd.read_csv(Path(folder, name), index_col=0).to_numpy(dtype=float).squeeze()

    y_test = table("y_test.csv") if Path(folder, "y_test.csv").exists() else None
    return table("x_train.csv"), table("y_train.csv"), table("x_test.csv"), y_test
