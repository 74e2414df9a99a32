# ko: 입력을 보지 않고 진리표의 답을 그대로 돌려준다.
# en: Returns the column of the truth table without looking at the input.
# trips: xor.table, xor.any_rows
# misconception: memorised-answers
def xor(X):
    return np.array([0.0, 1.0, 1.0, 0.0])
