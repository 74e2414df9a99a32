# ko: 뉴런 하나로 XOR를 하려고 한다.
# en: Tries XOR with a single unit.
# trips: public_xor.table, xor.table, xor.any_rows
# misconception: xor-with-one-unit
def xor(X):
    return predict(X, np.array([1.0, 1.0]), -0.5)
