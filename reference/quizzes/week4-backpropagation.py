"""Numbers for the questions of week4-backpropagation. Gradients come from torch."""

import itertools
import random


def _distinct(*values: float) -> bool:
    return len({round(value, 9) for value in values}) == len(values)


def _nonzero(rng: random.Random, low: int, high: int) -> int:
    return rng.choice([value for value in range(low, high + 1) if value])


def _brackets(value: int) -> str:
    """A factor, in brackets where it is negative."""
    return f"({value})" if value < 0 else str(value)


def one_weight(rng: random.Random) -> dict:
    import torch

    while True:
        w, x, y = _nonzero(rng, -3, 4), rng.choice([-3, -2, 2, 3, 4]), _nonzero(rng, -5, 8)
        weight = torch.tensor(float(w), requires_grad=True)
        loss = (weight * x - y) ** 2
        loss.backward()
        answer, error = int(weight.grad), w * x - y
        if error and _distinct(answer, 2 * error, error * x, -answer, error**2):
            break
    return {
        "w": w, "x": x, "y": y, "error": error, "answer": answer, "x_factor": _brackets(x),
        "error_factor": _brackets(error), "inner": 2 * error, "outer": error * x, "minus": -answer, "loss": error**2,
    }  # fmt: skip


def two_layers(rng: random.Random) -> dict:
    import torch

    while True:
        w1, w2, x = rng.choice([2, 3, 4, 5]), rng.choice([-5, -4, -3, -2, 3, 4, 5]), rng.choice([3, 4, 5])
        t = w1 * w2 * x - _nonzero(rng, -6, 6)
        first, second = torch.tensor(float(w1), requires_grad=True), torch.tensor(float(w2), requires_grad=True)
        hidden = torch.relu(first * x)
        loss = (second * hidden - t) ** 2
        loss.backward()
        answer, other, error = int(first.grad), int(second.grad), int(second * hidden - t)
        if t and abs(t) < 40 and _distinct(answer, other, 2 * error * x, 2 * error * w2, answer / 2, -answer):
            break
    return {
        "w1": w1, "w2": w2, "x": x, "t": t, "h": w1 * x, "output": w1 * w2 * x, "error": error, "answer": answer,
        "error_factor": _brackets(error), "w2_factor": _brackets(w2),
        "other": other, "skipped": 2 * error * x, "stopped": 2 * error * w2, "half": answer // 2,
        "minus": -answer,
    }  # fmt: skip


def two_paths(rng: random.Random) -> dict:
    import torch

    while True:
        a, b, c, d = (_nonzero(rng, -4, 5) for _ in range(4))
        x = torch.tensor(1.5, requires_grad=True)
        (c * (a * x) + d * (b * x)).backward()
        answer = int(x.grad)
        product, everything = a * b * c * d, (a + b) * (c + d)
        if answer and min(map(abs, (a, b, c, d))) > 1 and _distinct(answer, a * c, b * d, product, everything):
            break
    return {
        "a": a, "b": b, "c": c, "d": f"{'-' if d < 0 else '+'} {abs(d)}", "answer": answer,
        "first": a * c, "second": b * d, "product": product, "everything": everything,
        "second_factor": _brackets(b * d),
    }  # fmt: skip


def autograd_code(rng: random.Random) -> dict:
    import torch

    while True:
        start, factor, shift = rng.randint(1, 5), rng.randint(2, 5), rng.randint(1, 9)
        w = torch.tensor(float(start), requires_grad=True)
        y = (factor * w - shift) ** 2
        y.backward()
        inner = factor * start - shift
        answer, value, outer = int(w.grad), int(y), 2 * inner
        if inner and _distinct(answer, value, outer, 2 * factor * start, start - answer):
            break
    return {
        "start": f"{start}.0", "factor": factor, "shift": shift, "inner": inner, "answer": str(answer),
        "value": str(value), "outer": str(outer), "moved": str(start - answer),
        "inner_factor": _brackets(inner),
    }  # fmt: skip


def gradient_shape(rng: random.Random) -> dict:
    import torch

    n, d, h = rng.choice([32, 50, 64, 100]), rng.choice([4, 6, 10, 12]), rng.choice([5, 8, 16, 24])
    weights = torch.zeros(d, h, requires_grad=True)
    torch.tanh(torch.ones(n, d) @ weights).sum().backward()
    return {
        "n": n, "d": d, "h": h, "answer": str(tuple(weights.grad.shape)),
        "turned": f"({h}, {d})", "hidden": f"({n}, {h})", "batch": f"({n}, {d}, {h})", "inputs": f"({n}, {d})",
    }  # fmt: skip


def collapsed_bias(rng: random.Random) -> dict:
    while True:
        w1, w2 = rng.choice([-3, -2, 2, 3, 4]), rng.choice([-4, -3, -2, 2, 3, 5])
        b1, b2 = _nonzero(rng, -4, 5), _nonzero(rng, -6, 6)
        answer = w2 * b1 + b2
        if answer and _distinct(answer, b1 + b2, w2 * b1, w1 * w2, b2, w1 * b1 + b2):
            break
    return {
        "w1": w1, "w2": w2, "b1": f"{'-' if b1 < 0 else '+'} {abs(b1)}", "b2": f"{'-' if b2 < 0 else '+'} {abs(b2)}",
        "w2_factor": _brackets(w2), "b1_factor": _brackets(b1), "answer": answer, "slope": w1 * w2,
        "added": b1 + b2, "first": w2 * b1, "last": b2,
    }  # fmt: skip


def relu_list(rng: random.Random) -> dict:
    values = rng.sample([1, 2, 3, 4, 5, 6, 7], 2) + [-value for value in rng.sample([1, 2, 3, 4, 5, 6], 2)] + [0]
    rng.shuffle(values)
    return {
        "values": str(values), "answer": str([max(0, value) for value in values]),
        "absolute": str([abs(value) for value in values]), "dropped": str([value for value in values if value > 0]),
        "steps": str([int(value > 0) for value in values]), "least": str([min(0, value) for value in values]),
    }  # fmt: skip


def sigmoid_slope(rng: random.Random) -> dict:
    import torch

    h = rng.choice([0.05, 0.1, 0.15, 0.2, 0.3, 0.35, 0.4, 0.6, 0.65, 0.7, 0.8, 0.85, 0.9, 0.95])
    z = torch.logit(torch.tensor(h, dtype=torch.float64)).requires_grad_()
    torch.sigmoid(z).backward()
    answer = round(z.grad.item(), 6)
    assert abs(answer - h * (1 - h)) < 1e-6
    return {"h": h, "answer": answer, "tanh": round(1 - h * h, 6), "rest": round(1 - h, 6), "z": round(z.item(), 3)}


def sigmoid_chain(rng: random.Random) -> dict:
    import torch

    weight, layers = rng.choice([0.4, 0.6, 0.8, 1.2, 1.6, 2.0]), rng.choice([3, 4, 5, 6])
    signal = start = torch.zeros((), dtype=torch.float64, requires_grad=True)
    for _ in range(layers):
        signal = torch.sigmoid(weight * (signal - signal.detach()))  # the score is 0 in every layer
    signal.backward()
    answer = start.grad.item()
    assert abs(answer - (0.25 * weight) ** layers) < 1e-12
    values = {
        "answer": answer, "line": 0.25 * weight * layers, "height": (0.5 * weight) ** layers,
        "slopes": 0.25**layers, "weights": weight**layers,
    }  # fmt: skip
    ordered = sorted(values.values())
    if not all(high > 1.3 * low for low, high in itertools.pairwise(ordered)):
        return sigmoid_chain(rng)
    mantissa, power = f"{answer:.1e}".split("e")
    short = f"{answer:.2g}" if answer >= 1e-3 else f"{float(mantissa):g} \\times 10^{{{int(power)}}}"
    return {"weight": weight, "layers": layers, "factor": round(0.25 * weight, 4), "short": short, **values}


def growing_chain(rng: random.Random) -> dict:
    while True:
        weight, layers = rng.choice([1.5, 2, 3, 4, 5, 10]), rng.choice([4, 5, 6, 8, 10])
        answer, line, less, turned = weight**layers, weight * layers, weight ** (layers - 1), layers**weight
        ordered = sorted([answer, line, less, turned])
        if answer < 2e6 and all(high > 1.1 * low for low, high in itertools.pairwise(ordered)):
            break
    return {
        "weight": weight, "layers": layers, "answer": answer, "line": line, "less": less, "turned": turned,
        "result": f"= {answer}" if isinstance(answer, int) else f"\\approx {answer:.4g}",
    }  # fmt: skip


def hidden_layers(rng: random.Random) -> dict:
    while True:
        sizes = [rng.choice([4, 8, 20, 48]), *(rng.choice([8, 16, 32]) for _ in range(rng.randint(1, 5)))]
        sizes.append(rng.choice([1, 3, 10]))
        answer, units = len(sizes) - 2, sum(sizes[1:-1])
        if _distinct(answer, answer + 1, answer + 2, units):
            break
    return {
        "sizes": "-".join(map(str, sizes)), "inputs": sizes[0], "outputs": sizes[-1],
        "answer": answer, "maps": answer + 1, "all": answer + 2, "units": units,
    }  # fmt: skip


def wide_or_deep(rng: random.Random) -> dict:
    from torch import nn

    def count(*sizes: int) -> int:
        layers = [nn.Linear(first, second) for first, second in itertools.pairwise(sizes)]
        return sum(parameter.numel() for layer in layers for parameter in layer.parameters())

    def weights(*sizes: int) -> int:
        return sum(first * second for first, second in itertools.pairwise(sizes))

    while True:
        inputs, broad, narrow = rng.choice([10, 16, 20, 48]), rng.choice([64, 100, 128]), rng.choice([8, 10, 16])
        wide, deep = count(inputs, broad, 1), count(inputs, narrow, narrow, narrow, 1)
        bare = weights(inputs, broad, 1) - weights(inputs, narrow, narrow, narrow, 1)
        if wide > deep and _distinct(wide - deep, wide, deep, bare):
            break
    return {
        "inputs": inputs, "broad": broad, "narrow": narrow, "wide": wide, "deep": deep,
        "answer": wide - deep, "bare": bare,
    }  # fmt: skip


# Of pictures

GRAPH = {"x": 2, "w": 3, "y": -1, "v": 4, "t": 5}  # as in computation-graph.svg


def drawn_graph(rng: random.Random) -> dict:
    import torch

    leaf = {name: torch.tensor(float(value), requires_grad=True) for name, value in GRAPH.items()}
    made = leaf | {"p": leaf["x"] * leaf["w"], "q": leaf["y"] * leaf["v"]}
    s = made["p"] + made["q"]
    node = rng.choice(["x", "w", "y", "v", "p", "q"])
    (to_s,) = torch.autograd.grad(s, made[node], retain_graph=True)
    (answer,) = torch.autograd.grad(s * leaf["t"], made[node])
    own, local = int(made[node].item()), int(to_s)
    return {"node": node, "answer": int(answer), "own": own, "local": local, "swapped": local * int(s.item())}
