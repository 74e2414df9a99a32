"""Numbers for the questions of week4-perceptron."""

import random
from itertools import pairwise

POINTS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def _step(z: float) -> int:
    return int(z >= 0)


def _distinct(*values: object) -> bool:
    return len(set(values)) == len(values)


def _gates(w1: int, w2: int) -> dict[str, tuple[float, float, float]]:
    """Weights and bias of four gates, none of them at the edge."""
    low, high = sorted((w1, w2))
    strict, loose = high + low / 2, low / 2
    return {
        "AND": (w1, w2, -strict), "OR": (w1, w2, -loose),
        "NAND": (-w1, -w2, strict), "NOR": (-w1, -w2, loose),
    }  # fmt: skip


def gate_weights(rng: random.Random) -> dict:
    gates = _gates(*rng.choice([(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (4, 2)]))
    gate = rng.choice(["AND", "OR", "NAND"])
    others = [name for name in gates if name != gate]
    rng.shuffle(others)
    shown = {name: f"$w_1 = {w1:g}$, $w_2 = {w2:g}$, $b = {b:g}$" for name, (w1, w2, b) in gates.items()}
    for name, (w1, w2, b) in gates.items():
        truth = [_step(w1 * x1 + w2 * x2 + b) for x1, x2 in POINTS]
        assert truth == {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1], "NAND": [1, 1, 1, 0], "NOR": [1, 0, 0, 0]}[name]
    return {
        "gate": gate, "right": shown[gate],
        "first": shown[others[0]], "second": shown[others[1]], "third": shown[others[2]],
        "first_gate": others[0], "second_gate": others[1], "third_gate": others[2],
    }  # fmt: skip


def rule_step(rng: random.Random) -> dict:
    while True:
        w1, w2 = rng.choice([-0.4, -0.2, 0.2, 0.4, 0.6]), rng.choice([-0.5, -0.3, 0.3, 0.5])
        b, rate = rng.choice([-0.2, -0.1, 0.1, 0.2]), rng.choice([0.1, 0.2, 0.5])
        x1, x2 = rng.choice([-3, -2, 2, 3]), rng.choice([-2, -1, 1, 2])
        z = w1 * x1 + w2 * x2 + b
        guess = _step(z)
        y = 1 - guess
        answer, away = w1 + rate * (y - guess) * x1, w1 - rate * (y - guess) * x1
        bare, full = w1 + rate * (y - guess), w1 + (y - guess) * x1
        values = [round(value, 6) for value in (answer, away, bare, full, w1)]
        if abs(z) > 0.05 and abs(answer) > 0.05 and _distinct(*values):
            break
    answer, away, bare, full, _ = values
    return {
        "w1": w1, "w2": w2, "b": b, "x1": x1, "x2": x2, "rate": rate, "y": y, "z": round(z, 6), "guess": guess,
        "error": y - guess, "answer": answer, "away": away, "bare": bare, "full": full,
    }  # fmt: skip


def smallest_bias(rng: random.Random) -> dict:
    while True:
        w1, w2 = rng.choice([-3, -2, -1, 1, 2, 3]), rng.choice([-4, -2, 2, 3, 4])
        x1, x2 = rng.choice([1, 2, 3, 4, 5]), rng.choice([-2, -1, 1, 2, 3])
        total = w1 * x1 + w2 * x2
        if total != 0 and _distinct(-total, total, -(w1 + w2)):
            break
    return {"w1": w1, "w2": w2, "x1": x1, "x2": x2, "total": total, "answer": -total, "weights": -(w1 + w2)}


def tie_code(rng: random.Random) -> dict:
    def run(w1: int, w2: int, b: int, fires) -> str:
        return " ".join(str(int(fires(w1 * x1 + w2 * x2 + b))) for x1, x2 in POINTS)

    while True:
        w1, w2, b = rng.choice([-3, -2, -1, 1, 2, 3]), rng.choice([-3, -2, -1, 1, 2, 3]), rng.choice([-3, -2, -1, 1, 2])
        answer, strict = run(w1, w2, b, lambda z: z >= 0), run(w1, w2, b, lambda z: z > 0)
        unbiased, turned = run(w1, w2, 0, lambda z: z >= 0), run(w1, w2, b, lambda z: z < 0)
        if _distinct(answer, strict, unbiased, turned):
            break
    return {
        "w1": w1, "w2": w2, "b": b, "answer": answer, "strict": strict, "unbiased": unbiased, "turned": turned,
        "scores": ", ".join(str(w1 * x1 + w2 * x2 + b) for x1, x2 in POINTS),
    }  # fmt: skip


def first_epoch(rng: random.Random) -> dict:
    def mistakes(rows, w, b, learns: bool, bias: bool = True) -> int:
        w, count = list(w), 0
        for (x1, x2), y in rows:
            error = y - _step(w[0] * x1 + w[1] * x2 + b)
            count += error != 0
            if learns:
                w = [w[0] + error * x1, w[1] + error * x2]
                b += error * bias
        return count

    while True:
        gate = rng.choice(["AND", "OR", "NAND"])
        target = {"AND": lambda p: p[0] & p[1], "OR": lambda p: p[0] | p[1], "NAND": lambda p: 1 - (p[0] & p[1])}[gate]
        rows = [(point, target(point)) for point in rng.sample(POINTS, 4)]
        w, b = (rng.randint(-1, 1), rng.randint(-1, 1)), rng.randint(-1, 1)
        answer, frozen = mistakes(rows, w, b, True), mistakes(rows, w, b, False)
        biased = mistakes(rows, w, b, True, bias=False)
        if answer > 0 and _distinct(answer, frozen, biased):
            break
    return {
        "gate": gate, "w1": w[0], "w2": w[1], "b": b, "answer": answer, "frozen": frozen, "biased": biased,
        "rows": "\n".join(f" {x1}   {x2}   {y}" for (x1, x2), y in rows),
    }  # fmt: skip


def two_layer_steps(rng: random.Random) -> dict:
    while True:
        k = rng.choice([1, 2, 3])
        x1, x2 = rng.choice(POINTS)
        b1, b2 = -0.5 * k, -1.5 * k
        v1, v2, c = rng.choice([(1, -2, -0.5), (1, -1, -0.5), (-1, 2, 0.5), (2, -3, -1), (-2, 3, 1)])
        z1, z2 = k * (x1 + x2) + b1, k * (x1 + x2) + b2
        h1, h2 = _step(z1), _step(z2)
        y = _step(v1 * h1 + v2 * h2 + c)
        raw = _step(v1 * z1 + v2 * z2 + c)
        answer, linear, turned = f"{h1} {h2} {y}", f"{z1:g} {z2:g} {raw}", f"{h1} {h2} {1 - y}"
        swapped = f"{1 - h1} {1 - h2} {_step(v1 * (1 - h1) + v2 * (1 - h2) + c)}"
        if _distinct(answer, linear, turned, swapped):
            break
    return {
        "x1": x1, "x2": x2, "k": k, "b1": -b1, "b2": -b2, "v1": v1, "v2": f"{'-' if v2 < 0 else '+'} {abs(v2)}",
        "c": f"{'-' if c < 0 else '+'} {abs(c):g}", "z1": z1, "z2": z2, "h1": h1, "h2": h2, "y": y,
        "zy": f"{v1 * h1 + v2 * h2 + c:g}", "answer": answer, "linear": linear, "turned": turned, "swapped": swapped,
    }  # fmt: skip


def mlp_parameters(rng: random.Random) -> dict:
    from torch import nn

    while True:
        inputs, hidden, outputs = rng.randint(3, 30), rng.choice([5, 8, 10, 12, 16, 20]), rng.choice([2, 3, 4, 5])
        model = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
        answer = sum(parameter.numel() for parameter in model.parameters())
        weights, units = inputs * hidden + hidden * outputs, answer + inputs
        first = inputs * hidden + hidden
        if _distinct(answer, weights, units, first, inputs + hidden + outputs):
            break
    return {
        "inputs": inputs, "hidden": hidden, "outputs": outputs, "answer": answer, "weights": weights, "units": units,
        "first": first, "second": hidden * outputs + outputs, "cells": inputs + hidden + outputs,
    }  # fmt: skip


def hidden_shape(rng: random.Random) -> dict:
    n, d, h = rng.choice([32, 50, 64, 100, 128]), rng.choice([4, 6, 10, 12, 20]), rng.choice([5, 8, 16, 24])
    return {
        "n": n, "d": d, "h": h, "answer": f"({n}, {h})",
        "turned": f"({h}, {n})", "weights": f"({d}, {h})", "inputs": f"({n}, {d})",
    }  # fmt: skip


def linear_weight(rng: random.Random) -> dict:
    from torch import nn

    inputs, outputs = rng.sample([3, 4, 5, 8, 10, 16, 32, 48], 2)
    shape = tuple(nn.Linear(inputs, outputs).weight.shape)
    return {
        "inputs": inputs, "outputs": outputs, "answer": str(shape), "turned": str(shape[::-1]),
        "bias": f"({outputs},)", "joined": f"({outputs}, {inputs + 1})",
    }  # fmt: skip


def forward_number(rng: random.Random) -> dict:
    def run(x, w, b, v, c, bent) -> tuple[list[int], int]:
        z = [w[0][unit] * x[0] + w[1][unit] * x[1] + b[unit] for unit in range(2)]
        h = [bent(one) for one in z]
        return z, v[0] * h[0] + v[1] * h[1] + c

    def draw(low: int, high: int) -> int:
        return rng.choice([value for value in range(low, high + 1) if value])

    while True:
        x, b, v = (draw(1, 3), draw(-2, 3)), (draw(-2, 2), draw(-2, 2)), (draw(-3, 3), draw(-3, 3))
        w, c = ((draw(-2, 3), draw(-2, 3)), (draw(-2, 3), draw(-2, 3))), draw(-3, 3)
        z, answer = run(x, w, b, v, c, lambda one: max(one, 0))
        _, straight = run(x, w, b, v, c, lambda one: one)
        _, absolute = run(x, w, b, v, c, abs)
        _, unbiased = run(x, w, (0, 0), v, 0, lambda one: max(one, 0))
        if min(z) < 0 < max(z) and answer and _distinct(answer, straight, absolute, unbiased, answer - c):
            break
    return {
        "x1": x[0], "x2": x[1], "w11": w[0][0], "w12": w[0][1], "w21": w[1][0], "w22": w[1][1],
        "b1": b[0], "b2": b[1], "v1": v[0], "v2": v[1], "c": c, "z1": z[0], "z2": z[1],
        "h1": max(z[0], 0), "h2": max(z[1], 0), "answer": answer, "straight": straight, "absolute": absolute,
        "unbiased": unbiased, "last": answer - c,
    }  # fmt: skip


def parameter_shapes(rng: random.Random) -> dict:
    from torch import nn

    inputs, hidden, outputs = rng.choice([4, 6, 10, 12]), rng.choice([5, 8, 16]), rng.choice([1, 2, 3])
    model = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, outputs))
    shapes = [tuple(parameter.shape) for parameter in model.parameters()]
    return {
        "inputs": inputs, "hidden": hidden, "outputs": outputs, "answer": str(shapes),
        "turned": str([shape[::-1] for shape in shapes]), "bare": str([shape for shape in shapes if len(shape) == 2]),
        "grouped": str([shapes[0], shapes[2], shapes[1], shapes[3]]),
    }  # fmt: skip


def widen_hidden(rng: random.Random) -> dict:
    from torch import nn

    def count(inputs: int, hidden: int, outputs: int) -> int:
        layers = nn.Linear(inputs, hidden), nn.Linear(hidden, outputs)
        return sum(parameter.numel() for layer in layers for parameter in layer.parameters())

    inputs, hidden, outputs = rng.choice([4, 6, 10, 20]), rng.choice([8, 16, 32]), rng.choice([2, 3, 5])
    before, after = count(inputs, hidden, outputs), count(inputs, 2 * hidden, outputs)
    return {
        "inputs": inputs, "hidden": hidden, "outputs": outputs, "wide": 2 * hidden, "before": before, "after": after,
        "answer": after - before, "unbiased": hidden * (inputs + outputs), "first": hidden * (inputs + 1),
    }  # fmt: skip


# Of pictures

LAYERS = (3, 5, 4, 2)  # as in layers.svg


def drawn_network(rng: random.Random) -> dict:
    weights = [before * after for before, after in pairwise(LAYERS)]
    biases = list(LAYERS[1:])
    names = "A와 B", "B와 C", "C와 D"
    layer = rng.randrange(6)
    without = (
        "편향을 빠뜨렸습니다. 입력을 받는 뉴런마다 편향이 하나씩 있습니다.",
        "You left out the biases, one for each unit that receives inputs.",
    )
    too_many = (
        "편향까지 셌습니다. 여기서는 가중치만 물었습니다.",
        "You counted the biases, too. The question asks for weights alone.",
    )
    inputs = (
        "입력층에도 편향이 있다고 보았습니다. 입력은 받은 값 그대로입니다.",
        "You gave the inputs biases, too. An input is just the value that comes in.",
    )
    circles = (
        "뉴런의 수를 더했습니다. 매개변수는 뉴런이 아니라 선(가중치)과 편향에 있습니다.",
        "You added up units. The parameters are the lines (weights) and the biases.",
    )
    hidden = ("출력층의 편향을 빠뜨렸습니다.", "You left out the biases of the output layer.")
    if layer < 3:
        parts, other, why = [weights[layer], biases[layer]], weights[layer], without
        before, after = names[layer][0], names[layer][-1]
        asked = (
            f"{names[layer]} 사이의 가중치와 {after}의 편향은 모두",
            f"The weights from {before} to {after} and the biases of {after}",
        )
        units = LAYERS[layer] + LAYERS[layer + 1]
    else:
        asked = (
            ("이 모델의 매개변수는 모두", "All parameters of the model"),
            ("이 모델의 가중치는 모두", "All weights of the model"),
            ("이 모델의 편향은 모두", "All biases of the model"),
        )[layer - 3]
        parts = [[*weights, *biases], weights, biases][layer - 3]
        other, why = [(sum(weights), without), (sum(weights) + sum(biases), too_many), (sum(LAYERS), inputs)][layer - 3]
        units = sum(LAYERS) if layer < 5 else LAYERS[1] + LAYERS[2]
    return {
        "asked_ko": asked[0], "asked_en": asked[1], "answer": sum(parts), "steps": " + ".join(map(str, parts)),
        "other": other, "other_ko": why[0], "other_en": why[1], "units": units,
        "units_ko": hidden[0] if layer == 5 else circles[0], "units_en": hidden[1] if layer == 5 else circles[1],
    }  # fmt: skip
