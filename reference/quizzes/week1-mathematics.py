"""Generators of the quiz week1-mathematics."""

import random

SIGNED = [-4, -3, -2, -1, 1, 2, 3, 4]
LENGTHS = (
    ((3, 4), 5),
    ((5, 12), 13),
    ((8, 15), 17),
    ((6, 8), 10),
    ((1, 2, 2), 3),
    ((2, 3, 6), 7),
    ((1, 4, 8), 9),
    ((4, 4, 7), 9),
    ((2, 6, 9), 11),
    ((6, 6, 7), 11),
)


def _until(rng: random.Random, make, good) -> dict:
    """The first values that are good."""
    while True:
        values = make(rng)
        if good(values):
            return values


def _distinct(*names: str):
    return lambda values: len({values[name] for name in names}) == len(names)


def _terms(*terms: tuple[int, str]) -> str:
    """A sum as one writes it: (3, "x^2"), (-1, "x"), (5, "") gives 3x^2 - x + 5."""
    text = ""
    for factor, letters in terms:
        if factor == 0:
            continue
        size = "" if abs(factor) == 1 and letters else str(abs(factor))
        sign = "-" if factor < 0 else "+"
        text += f" {sign} {size}{letters}" if text else f"{'-' if factor < 0 else ''}{size}{letters}"
    return text or "0"


def _rows(name: str, rows: list[list[int]]) -> str:
    """A matrix as aligned text."""
    width = max(len(str(value)) for row in rows for value in row)
    lines = ["[" + "  ".join(str(value).rjust(width) for value in row) + "]" for row in rows]
    indent = " " * (len(name) + 3)
    return "\n".join((f"{name} = " if index == 0 else indent) + line for index, line in enumerate(lines))


# Scalars, vectors, matrices and their products


def dot_product(rng: random.Random) -> dict:
    def make(rng):
        a, b = ([rng.choice(SIGNED) for _ in range(3)] for _ in range(2))
        products = [x * y for x, y in zip(a, b, strict=True)]
        return {
            "a": str(tuple(a)),
            "b": str(tuple(b)),
            "steps": " + ".join(f"({p})" if p < 0 else str(p) for p in products),
            "answer": sum(products),
            "added": sum(a) + sum(b),
            "sums": sum(a) * sum(b),
            "unsigned": sum(map(abs, products)),
        }

    return _until(rng, make, _distinct("answer", "added", "sums", "unsigned"))


def two_products(rng: random.Random) -> dict:
    import torch

    def make(rng):
        a, b = (torch.tensor([rng.choice(SIGNED) for _ in range(3)]) for _ in range(2))
        each, dot = (a * b).tolist(), (a @ b).item()
        return {
            "a": str(a.tolist()),
            "b": str(b.tolist()),
            "each": str(each),
            "dot": dot,
            "answer": f"{each}\n{dot}",
            "swapped": f"{dot}\n{each}",
            "same": f"{each}\n{each}",
            "both": f"{dot}\n{dot}",
        }

    return make(rng)


def product_shape(rng: random.Random) -> dict:
    m, k, n = rng.sample(range(2, 10), 3)
    return {"m": m, "k": k, "n": n}


def matrix_times_vector(rng: random.Random) -> dict:
    def make(rng):
        rows = [[rng.choice(SIGNED) for _ in range(3)] for _ in range(2)]
        x = [rng.choice([-2, -1, 2, 3]) for _ in range(3)]
        first, second = (sum(a * b for a, b in zip(row, x, strict=True)) for row in rows)
        return {
            "matrix": _rows("A", rows),
            "vector": "x = " + str(tuple(x)),
            "steps": " + ".join(f"({a})({b})" for a, b in zip(rows[1], x, strict=True)),
            "answer": second,
            "first": first,
            "row": sum(rows[1]),
            "column": rows[0][1] * x[0] + rows[1][1] * x[1],
        }

    return _until(rng, make, _distinct("answer", "first", "row", "column"))


def which_exist(rng: random.Random) -> dict:
    m, k = rng.sample(range(2, 8), 2)
    return {"m": m, "k": k}


def gram_shape(rng: random.Random) -> dict:
    return {"n": rng.choice([50, 80, 100, 120, 200]), "d": rng.randint(2, 9)}


def product_entry(rng: random.Random) -> dict:
    def make(rng):
        a, b = ([[rng.choice(SIGNED) for _ in range(2)] for _ in range(2)] for _ in range(2))

        def entry(p, q, i, j):
            return p[i][0] * q[0][j] + p[i][1] * q[1][j]

        return {
            "a": _rows("A", a),
            "b": _rows("B", b),
            "steps": f"({a[0][0]})({b[0][1]}) + ({a[0][1]})({b[1][1]})",
            "answer": entry(a, b, 0, 1),
            "each": a[0][1] * b[0][1],
            "reversed": entry(b, a, 0, 1),
            "mirrored": entry(a, b, 1, 0),
        }

    return _until(rng, make, _distinct("answer", "each", "reversed", "mirrored"))


def length(rng: random.Random) -> dict:
    def make(rng):
        sides, answer = rng.choice(LENGTHS)
        vector = [rng.choice([-1, 1]) * side for side in rng.sample(sides, len(sides))]
        return {
            "v": str(tuple(vector)),
            "steps": " + ".join(f"({side})^2" if side < 0 else f"{side}^2" for side in vector),
            "answer": answer,
            "squares": answer**2,
            "absolute": sum(sides),
            "plain": sum(vector),
        }

    return _until(rng, make, _distinct("answer", "squares", "absolute", "plain"))


def layer_shape(rng: random.Random) -> dict:
    n, d, h = rng.choice([16, 32, 64, 100]), rng.randint(2, 6), rng.randint(7, 12)
    return {"n": n, "d": d, "h": h}


def rows_times_weights(rng: random.Random) -> dict:
    n, d = rng.choice([20, 25, 30, 35, 40]), rng.randint(3, 6)
    return {"n": n, "d": d}


def perpendicular(rng: random.Random) -> dict:
    def make(rng):
        a, b, c = rng.choice(SIGNED), rng.choice([2, 3, 4, 5]), rng.choice(SIGNED)
        return {"a": a, "b": b, "c": c, "answer": -a * c / b, "sign": a * c / b, "whole": -a * c}

    return _until(rng, make, lambda v: float(v["answer"]).is_integer() and abs(v["answer"]) < 9)


def cheaper_order(rng: random.Random) -> dict:
    m, k, n = rng.sample([10, 20, 30, 40, 50, 60, 80, 100], 3)
    return {
        "m": m,
        "k": k,
        "n": n,
        "first": k * n,
        "then": m * k,
        "answer": k * n + m * k,
        "left": m * k * n + m * n,
        "product": m * k * n,
    }


# Derivatives


def polynomial(rng: random.Random) -> dict:
    n, a = rng.choice([2, 3, 4]), rng.randint(2, 6)
    b, c = (rng.choice([-1, 1]) * rng.randint(2, 9) for _ in range(2))

    def typed(factor, power, *rest):
        head = f"{factor}*x" + (f"^{power}" if power > 1 else "")
        return head + "".join(f" {'-' if one < 0 else '+'} {abs(one)}" for one in rest)

    return {
        "f": _terms((a, f"x^{n}"), (b, "x"), (c, "")),
        "power": _terms((a, f"x^{n}")),
        "slope": _terms((n * a, f"x^{n - 1}" if n > 2 else "x")),
        "b": b,
        "answer": typed(n * a, n - 1, b),
        "constant": typed(n * a, n - 1, b, c),
        "same_power": typed(n * a, n, b),
        "no_factor": typed(a, n - 1, b),
    }


def slope_at(rng: random.Random) -> dict:
    def make(rng):
        a, b, c, x = rng.choice([1, 2, 3]), rng.choice(SIGNED), rng.choice(SIGNED), rng.choice([-2, -1, 2, 3])
        return {
            "f": _terms((a, "x^2"), (b, "x"), (c, "")),
            "slope": _terms((2 * a, "x"), (b, "")),
            "x": x,
            "answer": 2 * a * x + b,
            "value": a * x * x + b * x + c,
            "kept": 2 * a * x + b + c,
            "halved": a * x + b,
        }

    return _until(rng, make, _distinct("answer", "value", "kept", "halved"))


def small_step(rng: random.Random) -> dict:
    x, f, slope = rng.randint(1, 5), rng.randint(4, 12), rng.choice([-6, -5, -4, -3, -2, 2, 3, 4, 5, 6])
    h = rng.choice([0.1, 0.2])
    return {
        "x": x,
        "f": f,
        "slope": slope,
        "h": h,
        "moved": x + h,
        "change": round(slope * h, 6),
        "answer": round(f + slope * h, 6),
        "full": f + slope,
        "opposite": round(f - slope * h, 6),
    }


def chain_rates(rng: random.Random) -> dict:
    def make(rng):
        a, b = rng.choice([-4, -3, -2, 2, 3, 4, 5]), rng.choice([2, 3, 4, 5, 6])
        return {"a": a, "b": b, "answer": a * b, "added": a + b, "divided": a / b}

    return _until(rng, make, _distinct("answer", "added", "divided"))


def chain_formula(rng: random.Random) -> dict:
    n = rng.choice([2, 3, 4])
    a, b = rng.choice([a for a in (2, 3, 4, 5) if a != n]), rng.choice([-1, 1]) * rng.randint(1, 7)
    inner = f"{a}*x {'-' if b < 0 else '+'} {abs(b)}"

    def typed(factor, power):
        return f"{factor}*({inner})" + (f"^{power}" if power > 1 else "")

    shown = _terms((a, "x"), (b, ""))
    return {
        "f": f"({shown})^{n}",
        "inner": shown,
        "a": a,
        "outer": f"{n}u^{n - 1}" if n > 2 else "2u",
        "n": n,
        "answer": typed(n * a, n - 1),
        "no_inner": typed(n, n - 1),
        "no_outer": typed(a, n - 1),
        "inner_alone": f"{n}*{a}^{n - 1}" if n > 2 else f"2*{a}",
    }


def partial(rng: random.Random) -> dict:
    a, b = rng.randint(2, 6), rng.choice([-1, 1]) * rng.randint(2, 9)
    sign = "-" if b < 0 else "+"
    return {
        "f": _terms((a, "x^2y"), (b, "y")),
        "ay": f"{a}y",
        "answer": f"{2 * a}*x*y",
        "other": f"{a}*x^2 {sign} {abs(b)}",
        "kept": f"{2 * a}*x*y {sign} {abs(b)}",
        "kept_y": f"{2 * a}*x*y {sign} {abs(b)}*y",
        "dropped": f"{2 * a}*x",
        "both": f"{2 * a}*x {sign} {abs(b)}",
    }


def numeric_slope(rng: random.Random) -> dict:
    def make(rng):
        a, b, x = rng.choice([2, 3, 4]), rng.choice([-5, -4, -3, -2, 2, 3, 4, 5]), rng.choice([1, 2, 3])

        def f(x):
            return a * x**2 + b * x

        h = 0.001
        answer = round((f(x + h) - f(x - h)) / (2 * h))
        return {
            "body": f"{a} * x**2 {'-' if b < 0 else '+'} {abs(b)} * x",
            "x": x,
            "slope": _terms((2 * a, "x"), (b, "")),
            "answer": answer,
            "value": f(x),
            "twice": 2 * answer,
            "half": a * x + b,
        }

    return _until(rng, make, lambda v: _distinct("answer", "value", "twice", "half")(v) and v["answer"] != 0)


def gradient_vector(rng: random.Random) -> dict:
    def make(rng):
        a, b, p, q = rng.choice([1, 2, 3]), rng.choice(SIGNED), rng.choice([-2, -1, 1, 2, 3]), rng.choice([-2, 2, 3])
        right = (2 * a * p + b * q, b * p)
        return {
            "f": _terms((a, "x^2"), (b, "xy")),
            "dx": _terms((2 * a, "x"), (b, "y")),
            "dy": _terms((b, "x")),
            "p": p,
            "q": q,
            "right": str(right),
            "swapped": str(right[::-1]),
            "no_mixed": str((2 * a * p, b * p)),
            "constants": str((2 * a * p + b, b)),
        }

    return _until(rng, make, _distinct("right", "swapped", "no_mixed", "constants"))


def order_of_slopes(rng: random.Random) -> dict:
    def make(rng):
        a, k, c = rng.choice([1, 2, 3]), rng.choice([-5, -3, -2]), rng.randint(2, 9)
        b = rng.choice([-3, -1, 2, 4, 6])
        curves = [
            (0, str(c)),
            (k, _terms((k, "x"), (rng.randint(5, 12), ""))),
            (3 * a, _terms((a, "x^3"))),
            (2 + b, _terms((1, "x^2"), (b, "x"))),
        ]
        curves.sort()
        values = {"slopes": ", ".join(str(slope) for slope, _ in curves), "distinct": len({s for s, _ in curves})}
        for letter, (_, curve) in zip("pqrs", curves, strict=True):
            values[letter] = curve
        return values

    return _until(rng, make, lambda values: values["distinct"] == 4)


# Of pictures

ARROWS = {"A": (3, 1), "B": (-1, 2), "C": (2, -2), "D": (-3, -1)}  # as in four-vectors.svg


def two_arrows(rng: random.Random) -> dict:
    u, v = rng.sample(sorted(ARROWS), 2)
    (ux, uy), (vx, vy) = ARROWS[u], ARROWS[v]
    first, second = ux * vx, uy * vy
    return {
        "u": u, "v": v, "ux": ux, "uy": uy, "vx": vx, "vy": vy, "answer": first + second, "across": first,
        "steps": f"{first} {'-' if second < 0 else '+'} {abs(second)}", "bare": abs(first) + abs(second),
    }  # fmt: skip
