"""Generators of the quiz week2-linear-regression."""

import random

NAMES = (("지우", "Jiwoo"), ("민수", "Minsu"), ("서연", "Seoyeon"), ("하늘", "Haneul"), ("도윤", "Doyun"))


def _until(rng: random.Random, make, good) -> dict:
    """The first values that are good."""
    while True:
        values = make(rng)
        if good(values):
            return values


def _distinct(*names: str):
    return lambda values: len({round(values[name], 6) for name in names}) == len(names)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"


def _line(w: float, b: float) -> str:
    """wx + b as one writes it."""
    slope = "x" if w == 1 else "-x" if w == -1 else f"{_number(w)}x"
    return slope + (f" {'-' if b < 0 else '+'} {_number(abs(b))}" if b else "")


# Weighted sums


def converted_score(rng: random.Random) -> dict:
    def make(rng):
        scores = [rng.randrange(40, 101, 10) for _ in range(3)] + [rng.choice([45, 47, 50])]
        weights = [rng.choice([0.5, 1, 1.5, 2]) for _ in range(4)]
        if rng.random() < 0.1:
            scores, weights = [80, 90, 80, 45], [1, 0.5, 1.5, 1]  # the example of the course, which gives 290
        products = [s * w for s, w in zip(scores, weights, strict=True)]
        values = {"answer": sum(products), "plain": sum(scores), "mean": sum(products) / sum(weights)}
        values |= {f"s{i}": s for i, s in enumerate(scores)} | {f"w{i}": w for i, w in enumerate(weights)}
        values["steps"] = " + ".join(map(_number, products))
        values["quarter"] = values["answer"] / 4
        return values

    # "mean" and "quarter" are one where the weights add up to 4, as in the example: one feedback does for both
    apart = _distinct("answer", "plain", "mean"), _distinct("answer", "plain", "quarter")
    return _until(rng, make, lambda values: all(good(values) for good in apart))


def ranking(rng: random.Random) -> dict:
    def make(rng):
        w1, w2 = rng.choice([(1, 2), (0.5, 2), (2, 0.5), (1.5, 0.5), (2, 1), (1, 3)])
        students = [(rng.randrange(50, 100, 5), rng.randrange(50, 100, 5)) for _ in range(3)]
        names = rng.sample(NAMES, 3)
        order = sorted(range(3), key=lambda i: -(w1 * students[i][0] + w2 * students[i][1]))
        totals = [w1 * students[i][0] + w2 * students[i][1] for i in order]
        plain = [sum(students[i]) for i in order]
        values = {"w1": w1, "w2": w2, "apart": min(totals[0] - totals[1], totals[1] - totals[2])}
        values["upset"] = int(plain != sorted(plain, reverse=True) and len(set(plain)) == 3)
        for letter, i, total in zip("pqr", order, totals, strict=True):
            values |= {f"{letter}_ko": names[i][0], f"{letter}_en": names[i][1], f"{letter}_total": total}
            values |= {f"{letter}1": students[i][0], f"{letter}2": students[i][1]}
        return values

    return _until(rng, make, lambda v: v["apart"] >= 5 and v["upset"])


def missing_weight(rng: random.Random) -> dict:
    def make(rng):
        a, b, c = (rng.choice([40, 50, 60, 80, 100]) for _ in range(3))
        w1, w2, w = rng.sample([0.5, 1, 1.5, 2, 2.5], 3)
        rest = a * w1 + b * w2
        total = rest + c * w
        return {
            "a": a,
            "b": b,
            "c": c,
            "w1": w1,
            "w2": w2,
            "rest": rest,
            "total": total,
            "answer": w,
            "left": c * w,
            "all": total / c,
            "unweighted": (total - a - b) / c,
        }

    good = _distinct("answer", "left", "all", "unweighted")
    return _until(rng, make, good)


def stacked_sums(rng: random.Random) -> dict:
    def make(rng):
        p, q, r, s = (rng.choice([-2, -1, 1, 2, 3]) for _ in range(4))
        u, v = rng.choice([2, 3, -1]), rng.choice([-2, 2, 3])

        def pair(x, y, first="a", second="b"):
            head = {1: first, -1: f"-{first}"}.get(x, f"{x}{first}")
            tail = second if abs(y) == 1 else f"{abs(y)}{second}"
            return f"{head} {'-' if y < 0 else '+'} {tail}"

        def typed(x, y):
            return f"{x}*a {'-' if y < 0 else '+'} {abs(y)}*b"

        x, y = u * p + v * r, u * q + v * s
        return {
            "h1": pair(p, q),
            "h2": pair(r, s),
            "o": pair(u, v, "h_1", "h_2"),
            "bracket": f"{u}({pair(p, q)}) {'-' if v < 0 else '+'} {abs(v)}({pair(r, s)})".replace("-1(", "-(", 1),
            "x": x,
            "y": y,
            "singular": int(p * s == q * r),
            "answer": typed(x, y),
            "plain": typed(p + r, q + s),
            "outer": typed(u, v),
            "partly": typed(u * p + v * r, q + s),
        }

    def good(v):
        texts = {v[name] for name in ("answer", "plain", "outer", "partly")}
        return len(texts) == 4 and v["x"] != 0 and v["y"] != 0 and not v["singular"]

    return _until(rng, make, good)


# Linear regression


def predict_price(rng: random.Random) -> dict:
    def make(rng):
        w, b, x = rng.choice([0.5, 1.5, 2, 2.5, 3]), rng.choice([-20, -10, 5, 10, 20]), rng.choice([20, 24, 30, 40])
        values = {"x": x, "line": _line(w, b), "product": w * x, "answer": w * x + b}
        return values | {"bracket": w * (x + b), "sum": w + x + b}

    return _until(rng, make, _distinct("answer", "product", "bracket", "sum"))


def rent(rng: random.Random) -> dict:
    w, b = rng.choice([1.2, 1.5, 1.8, 2.2, 2.5]), rng.choice([8, 10, 12, 15, 20])
    return {"line": _line(w, b), "w": w, "b": b}


def best_line(rng: random.Random) -> dict:
    def make(rng):
        w, b, sign = rng.choice([2, 3, 4]), rng.choice([1, 2, 3, 5]), rng.choice([-1, 1])
        xs, lines = [1, 2, 3], {}
        ys = [w * x + b + sign * bump for x, bump in zip(xs, (1, -1, 1), strict=True)]
        lines["right"] = (w, b)
        lines["ends"] = (w, b + sign)  # exactly through the first and the last
        lines["steep"] = (w - 2 * sign, b + 3 * sign)  # exactly through the first two
        lines["other"] = (w, b - sign)
        values = {name: _line(a, c) for name, (a, c) in lines.items()}
        for name, (a, c) in lines.items():
            values[f"{name}_sum"] = sum((y - a * x - c) ** 2 for x, y in zip(xs, ys, strict=True))
        values["points"] = ", ".join(f"({x}, {y})" for x, y in zip(xs, ys, strict=True))
        values["first_two"] = ", ".join(f"({x}, {y})" for x, y in list(zip(xs, ys, strict=True))[:2])
        values["slopes"] = w - 2 * sign
        return values

    return _until(rng, make, lambda v: v["slopes"] != 0)


def through_origin(rng: random.Random) -> dict:
    def make(rng):
        xs = sorted(rng.sample([1, 2, 3, 4], rng.choice([2, 2, 3])))
        ys = [rng.randint(1, 12) for _ in xs]
        xy, xx = sum(x * y for x, y in zip(xs, ys, strict=True)), sum(x * x for x in xs)
        return {
            "points": ", ".join(f"({x}, {y})" for x, y in zip(xs, ys, strict=True)),
            "xy": xy,
            "xx": xx,
            "answer": xy / xx,
            "ratio": sum(ys) / sum(xs),
            "mean": sum(y / x for x, y in zip(xs, ys, strict=True)) / len(xs),
            "slope": (ys[-1] - ys[0]) / (xs[-1] - xs[0]),
        }

    def good(v):
        names = ("answer", "ratio", "mean", "slope")
        return float(2 * v["answer"]).is_integer() and len({round(v[name], 2) for name in names}) == 4

    return _until(rng, make, good)


# Losses


def mse_by_hand(rng: random.Random) -> dict:
    def make(rng):
        n = rng.choice([3, 4])
        ys = [rng.randint(2, 12) for _ in range(n)]
        errors = [rng.choice([-4, -3, -2, -1, 0, 1, 2, 3, 4]) for _ in range(n)]
        squares = sum(e * e for e in errors)
        return {
            "n": n,
            "ys": ", ".join(map(str, ys)),
            "ps": ", ".join(str(y + e) for y, e in zip(ys, errors, strict=True)),
            "steps": " + ".join(f"({e})^2" if e < 0 else f"{e}^2" for e in errors),
            "squares": squares,
            "answer": squares / n,
            "absolute": sum(map(abs, errors)) / n,
            "root": (squares / n) ** 0.5,
            "mean_squared": (sum(errors) / n) ** 2,
        }

    def good(v):
        names = ("answer", "squares", "absolute", "root", "mean_squared")
        return len({round(v[name], 2) for name in names}) == 5 and float(2 * v["answer"]).is_integer()

    return _until(rng, make, good)


def mse_code(rng: random.Random) -> dict:
    import torch

    def make(rng):
        y = torch.tensor([float(rng.randint(1, 9)) for _ in range(4)])
        p = y + torch.tensor([float(rng.choice([-4, -3, -2, -1, 1, 2, 3, 4])) for _ in range(4)])
        return {
            "y": str(y.tolist()),
            "p": str(p.tolist()),
            "errors": str((p - y).tolist()),
            "answer": str(((p - y) ** 2).mean().item()),
            "total": str(((p - y) ** 2).sum().item()),
            "absolute": str((p - y).abs().mean().item()),
            "mean_first": str(((p - y).mean() ** 2).item()),
        }

    names = ("answer", "total", "absolute", "mean_first")
    return _until(rng, make, lambda v: len({v[name] for name in names}) == 4)


def share_of_outlier(rng: random.Random) -> dict:
    def make(rng):
        small, large = [rng.choice([1, 2, 3]) for _ in range(3)], rng.choice([6, 8, 9, 10, 12])
        errors = [*small, large]
        squares = sum(e * e for e in errors)
        return {
            "errors": ", ".join(str(rng.choice([-1, 1]) * e) for e in errors[:3]),
            "large": large,
            "square": large**2,
            "squares": squares,
            "answer": 100 * large**2 / squares,
            "rounded": f"{100 * large**2 / squares:.1f}",
            "fraction": large**2 / squares,
            "absolute": 100 * large / sum(errors),
            "ratio": 100 * large**2 / (squares - large**2),
        }

    return _until(rng, make, _distinct("answer", "absolute", "ratio"))


def two_models(rng: random.Random) -> dict:
    a = rng.choice([2, 3, 4, 5])
    b = rng.randint(2 * a + 1, 4 * a - 1)
    steady, spiky = rng.sample(["A", "B"], 2)
    errors = {steady: [a] * 4, spiky: [0, 0, 0, b]}
    rng.shuffle(errors[spiky])
    return {
        "errors_a": ", ".join(map(str, errors["A"])),
        "errors_b": ", ".join(map(str, errors["B"])),
        "steady": steady,
        "spiky": spiky,
        "steady_mse": a * a,
        "spiky_mse": b * b / 4,
        "steady_mae": a,
        "spiky_mae": b / 4,
    }


# Gradient descent


def two_steps(rng: random.Random) -> dict:
    def make(rng):
        c, lr = rng.choice([-2, -1, 1, 2, 3, 5]), rng.choice([0.1, 0.2, 0.25, 0.3, 0.4])
        w = c + rng.choice([-20, -10, 10, 20])
        grad = 2 * (w - c)
        once = w - lr * grad
        return {
            "minus_c": f"- {c}" if c > 0 else f"+ {-c}",
            "w": w,
            "lr": lr,
            "grad": grad,
            "once": round(once, 9),
            "grad2": round(2 * (once - c), 9),
            "answer": round(once - lr * 2 * (once - c), 9),
            "same_gradient": round(w - 2 * lr * grad, 9),
            "uphill": round(c + (1 + 2 * lr) ** 2 * (w - c), 9),
        }

    return _until(rng, make, _distinct("answer", "once", "same_gradient", "uphill"))


def loss_curves(rng: random.Random) -> dict:
    """Losses of gradient descent on w^2, really run, at three learning rates."""
    start = rng.choice([3.0, 4.0, 5.0, 6.0, 8.0])
    rates = {
        "too-large": rng.choice([1.2, 1.3, 1.4, 1.5]),
        "too-small": rng.choice([0.0005, 0.001, 0.002]),
        "suitable": rng.choice([0.15, 0.2, 0.25, 0.3]),
    }
    kinds = rng.sample(list(rates), 3)
    values = {}
    for letter, kind in zip("abc", kinds, strict=True):
        w, losses = start, []
        for _ in range(5):
            losses.append(f"{w * w:.2f}")
            w -= rates[kind] * 2 * w
        values |= {f"{letter}_losses": ", ".join(losses), f"{letter}_kind": kind}
    return values


def largest_rate(rng: random.Random) -> dict:
    a = rng.choice([0.1, 0.2, 0.25, 0.5, 2, 4, 5, 8, 10, 20, 25, 50])
    factor = "" if a == 0.5 else _number(2 * a)  # 1w is written w
    return {"a": a, "factor": factor, "answer": 1 / a, "one_jump": 1 / (2 * a), "two": 2 / a}


def descent_code(rng: random.Random) -> dict:
    w0, lr, steps = rng.choice([8.0, 16.0, 24.0, 32.0, 40.0]), rng.choice([0.25, 0.75, 1.5, 0.375]), 3

    def run(factor):
        w, printed = w0, []
        for _ in range(steps):
            w = w - lr * factor * w
            printed.append(str(w))
        return "\n".join(printed)

    answer = run(2)
    return {
        "w0": str(w0),
        "lr": lr,
        "steps": steps,
        "factor": 1 - 2 * lr,
        "answer": answer,
        "shifted": "\n".join([str(w0), *answer.split("\n")[:-1]]),
        "no_two": run(1),
        "plus": run(-2),
    }


def mse_gradient(rng: random.Random) -> dict:
    def make(rng):
        w, b = rng.choice([-1, 1, 2]), rng.choice([-1, 0, 1, 2])
        xs = rng.sample([1, 2, 3, 4], 2)
        errors = [rng.choice([-4, -3, -2, -1, 1, 2, 3, 4]) for _ in range(2)]
        ys = [w * x + b - e for x, e in zip(xs, errors, strict=True)]
        total = sum(e * x for e, x in zip(errors, xs, strict=True))
        return {
            "line": _line(w, b),
            "points": ", ".join(f"({x}, {y})" for x, y in zip(xs, ys, strict=True)),
            "errors": ", ".join(map(str, errors)),
            "steps": " + ".join(f"({e})({x})" for e, x in zip(errors, xs, strict=True)),
            "answer": total,
            "added": 2 * total,
            "no_two": total / 2,
            "bias": sum(errors),
            "sign": -total,
        }

    return _until(rng, make, _distinct("answer", "added", "no_two", "bias", "sign"))


# Several variables


def sizes(rng: random.Random) -> dict:
    return {"n": rng.choice([50, 80, 100, 120, 200, 500]), "d": rng.randint(3, 9)}


def bias_column(rng: random.Random) -> dict:
    n, d = rng.choice([50, 80, 100, 120, 200, 500]), rng.randint(3, 9)
    return {"n": n, "d": d, "d1": d + 1, "n1": n + 1}


def two_predictions(rng: random.Random) -> dict:
    import torch

    def make(rng):
        x = torch.tensor([[float(rng.randint(0, 4)) for _ in range(2)] for _ in range(2)])
        w = torch.tensor([float(rng.choice([-2, -1, 1, 2, 3])) for _ in range(2)])
        b = float(rng.choice([-1, 1, 2, 5]))
        answer = x @ w + b
        plain = x @ w + 0.0  # with no -0.0
        once = plain.clone()
        once[0] += b
        return {
            "x": str(x.tolist()),
            "w": str(w.tolist()),
            "b": str(b),
            "answer": str(answer.tolist()),
            "no_bias": str(plain.tolist()),
            "columns": str((w @ x + b).tolist()),
            "each": str((x * w + b).tolist()),
            "one_bias": str(once.tolist()),
        }

    names = ("answer", "no_bias", "columns", "each", "one_bias")
    return _until(rng, make, lambda v: len({v[name] for name in names}) == 5)


# Of pictures

POINTS = [(1, 3), (2, 2), (3, 5), (4, 3)]  # as in points-and-lines.svg, and the lines by slope and intercept
LINES = {"A": (1, 0), "B": (0, 3), "C": (1, 1)}
SUM = ("제곱 오차의 합", "sum of the squared errors")
MEAN = ("제곱 오차의 평균", "mean of the squared errors")


def drawn_line(rng: random.Random) -> dict:
    line, of_mean = rng.choice(sorted(LINES)), rng.random() < 0.5
    slope, intercept = LINES[line]
    errors = [y - (slope * x + intercept) for x, y in POINTS]
    squares = [error**2 for error in errors]
    total, size = sum(squares), sum(map(abs, errors))
    asked, other = (MEAN, SUM) if of_mean else (SUM, MEAN)
    return {
        "line": line, "asked_ko": asked[0], "asked_en": asked[1], "other_ko": other[0], "other_en": other[1],
        "errors": ", ".join(map(str, errors)), "squares": ", ".join(map(str, squares)), "sum": total, "mean": total / 4,
        "answer": total / 4 if of_mean else total, "other": total if of_mean else total / 4,
        "absolute": size / 4 if of_mean else size,
    }  # fmt: skip
