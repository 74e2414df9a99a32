# ko: NAND를 만들 때 w의 부호만 바꾸고 b는 그대로 둔다.
# en: For NAND only the sign of w is changed, not that of b.
# trips: gate.nand_gate, xor.table, public_xor.table
# misconception: half-negated-unit
def gate(name):
    weights = {
        "AND": (np.array([1.0, 1.0]), -1.5),
        "OR": (np.array([1.0, 1.0]), -0.5),
        "NAND": (np.array([-1.0, -1.0]), -1.5),
    }
    return weights[name]
