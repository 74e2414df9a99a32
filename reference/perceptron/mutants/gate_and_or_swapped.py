# ko: AND와 OR의 편향이 뒤바뀌었다.
# en: The biases of AND and OR are swapped.
# trips: public_gate.and_table, gate.and_gate, gate.or_gate
# misconception: and-or-swapped
def gate(name):
    weights = {
        "AND": (np.array([1.0, 1.0]), -0.5),
        "OR": (np.array([1.0, 1.0]), -1.5),
        "NAND": (np.array([-1.0, -1.0]), 1.5),
    }
    return weights[name]
