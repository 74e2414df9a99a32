# ko: OR의 편향이 0이라서 step(0) = 1을 잊는다.
# en: OR has a bias of 0, which forgets that step(0) is 1.
# trips: gate.or_gate
# misconception: strict-step
def gate(name):
    weights = {
        "AND": (np.array([1.0, 1.0]), -2.0),
        "OR": (np.array([1.0, 1.0]), 0.0),
        "NAND": (np.array([-1.0, -1.0]), 1.5),
    }
    return weights[name]
