"""Numbers for the questions of week3-classification."""

import itertools
import math
import random


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _signed(value: float) -> str:
    """A term to be added, as in "x + 2" or "x - 0.5"."""
    return f"{'-' if value < 0 else '+'} {abs(value):g}"


def _apart(values: list[float], gap: float) -> bool:
    """No two of the values could be taken for each other."""
    ordered = sorted(values)
    return all(high - low > gap for low, high in itertools.pairwise(ordered))


def logit_to_probability(rng: random.Random) -> dict:
    while True:
        x1, x2 = rng.sample(range(1, 5), 2)
        w1, w2 = rng.choice([0.5, 1.0, 1.5]), rng.choice([-1.0, -0.5, -1.5])
        b = rng.choice([-1.5, -1.0, -0.5, 0.5, 1.0, 1.5])
        score = w1 * x1 + w2 * x2
        z = score + b
        answer, flipped, unbiased = _sigmoid(z), _sigmoid(-z), _sigmoid(score)
        if 0.4 < abs(z) < 2.6 and _apart([answer, flipped, unbiased, z], 0.02):
            break
    return {
        "x1": x1, "x2": x2, "w1": w1, "w2": w2, "b": b, "z": z,
        "answer": answer, "rounded": round(answer, 3), "flipped": flipped, "unbiased": unbiased,
    }  # fmt: skip


def mirror_probability(rng: random.Random) -> dict:
    a = rng.choice([0.4, 0.6, 0.8, 1.0, 1.2, 1.5, 1.8, 2.0, 2.5, 3.0])
    p = round(_sigmoid(a), 3)
    return {"a": a, "p": p, "shown": f"{p:.3f}", "answer": round(1 - p, 3), "minus": -p, "inverse": 1 / p}


def boundary_point(rng: random.Random) -> dict:
    while True:
        w = rng.choice([-4.0, -2.0, -0.5, 0.5, 2.0, 4.0])
        answer = rng.choice([-6, -5, -3, -2, 2, 3, 5, 6, 7, 8])
        b = -w * answer
        mirrored, inverted, half = b / w, -w / b, (0.5 - b) / w
        if _apart([answer, mirrored, inverted, half], 0.05):
            break
    return {
        "w": f"{w:g}", "b": b, "b_signed": _signed(b),
        "answer": answer, "mirrored": mirrored, "inverted": inverted, "half": half,
    }  # fmt: skip


def threshold_count(rng: random.Random) -> dict:
    while True:
        threshold = rng.choice([0.3, 0.4, 0.6, 0.7])
        shares = rng.sample([n / 100 for n in range(6, 96) if abs(n - 100 * threshold) > 2 and abs(n - 50) > 2], 6)
        labels = [rng.randint(0, 1) for _ in shares]
        chosen = [int(share >= threshold) for share in shares]
        right = sum(one == label for one, label in zip(chosen, labels, strict=True))
        at_half = sum(int(share >= 0.5) == label for share, label in zip(shares, labels, strict=True))
        positives, misses = sum(chosen), 6 - right
        if _apart([right, at_half, positives, misses], 0.5) and 1 < sum(labels) < 5 and right > 1 and 0 < positives < 6:
            break
    return {
        "threshold": threshold,
        "p_line": "  ".join(f"{share:.2f}" for share in shares),
        "y_line": "  ".join(f"{label:>4}" for label in labels),
        "chosen_line": ", ".join(map(str, chosen)),
        "answer": right, "at_half": at_half, "positives": positives, "misses": misses,
    }  # fmt: skip


def bce_value(rng: random.Random) -> dict:
    while True:
        y, p = rng.randint(0, 1), rng.choice([n / 100 for n in range(5, 100, 5) if n != 50])
        true = p if y else 1 - p
        answer, other, common, squared = -math.log(true), -math.log(1 - true), -math.log10(true), (p - y) ** 2
        complement = 1 - true  # close to the loss where the loss is small
        if _apart([answer, other, common, squared, complement, -answer], 0.02):
            break
    return {
        "y": y, "p": p, "true": round(true, 2), "answer": answer, "rounded": round(answer, 3),
        "other": other, "common": common, "squared": squared, "complement": complement, "minus": -answer,
    }  # fmt: skip


def loss_order(rng: random.Random) -> dict:
    while True:
        true = sorted(rng.sample([n / 100 for n in range(10, 100, 10) if n != 50] + [0.05, 0.95], 4), reverse=True)
        labels = [rng.randint(0, 1) for _ in true]
        given = [round(share if label else 1 - share, 2) for share, label in zip(true, labels, strict=True)]
        by_p = sorted(range(4), key=lambda one: given[one])
        unlike = by_p not in ([0, 1, 2, 3], [3, 2, 1, 0])
        if 0 < sum(labels) < 4 and unlike and _apart(true, 0.06) and _apart(given, 0.01):
            break
    places = "cadb"  # from the smallest loss to the largest, as in the key
    values = {f"{place}_y": label for place, label in zip(places, labels, strict=True)}
    values |= {f"{place}_p": share for place, share in zip(places, given, strict=True)}
    values |= {
        f"true_{name}": round(share, 2) for name, share in zip(("one", "two", "three", "four"), true, strict=True)
    }
    return values


def categorical_loss(rng: random.Random) -> dict:
    while True:
        shares = [rng.randint(5, 80) for _ in range(2)]
        shares = [share / 100 for share in (*shares, 100 - sum(shares))]
        place = rng.randrange(3)
        true = shares[place]
        if min(shares) < 0.05 or true == max(shares):
            continue
        answer = -math.log(true)
        everything, complement, largest = -sum(map(math.log, shares)), 1 - true, -math.log(max(shares))
        if _apart([answer, everything, complement, largest], 0.02):
            break
    return {
        "p1": shares[0], "p2": shares[1], "p3": shares[2], "true": true,
        "one_hot": "(" + ", ".join(str(int(one == place)) for one in range(3)) + ")",
        "answer": answer, "rounded": round(answer, 3),
        "everything": everything, "complement": complement, "largest": largest,
    }  # fmt: skip


def uniform_loss(rng: random.Random) -> dict:
    classes = rng.choice([4, 5, 6, 7, 8, 10, 12, 15, 20, 26, 50, 100])
    answer = math.log(classes)
    return {
        "classes": classes, "answer": answer, "rounded": round(answer, 3),
        "share": 1 / classes, "bits": math.log2(classes), "miss": 1 - 1 / classes,
    }  # fmt: skip


def softmax_value(rng: random.Random) -> dict:
    while True:
        logits = rng.sample([-1, 0, 1, 2, 3], 3)
        place = rng.randrange(3)
        if sum(logits) == 0 or logits[place] == 0:
            continue
        powers = [math.exp(logit) for logit in logits]
        answer, plain = powers[place] / sum(powers), logits[place] / sum(logits)
        alone, bare = _sigmoid(logits[place]), powers[place]
        if answer > 0.02 and _apart([answer, plain, alone, bare], 0.02):
            break
    return {
        "z1": logits[0], "z2": logits[1], "z3": logits[2], "name": "ABC"[place], "top": logits[place],
        "answer": answer, "rounded": round(answer, 3), "plain": plain, "alone": alone, "bare": bare,
    }  # fmt: skip


def softmax_code(rng: random.Random) -> dict:
    import numpy as np

    length, winners = rng.choice([(3, 2), (4, 2), (5, 4), (6, 5), (5, 2), (6, 4)])
    large = rng.choice([800.0, 1000.0, 2000.0, 5000.0])
    places = rng.sample(range(length), winners)
    logits = [large if one in places else 0.0 for one in range(length)]
    z = np.array(logits)
    powers = np.exp(z - z.max())
    shares = [round(float(p), 2) for p in powers / powers.sum()]
    return {
        "logits": str(logits), "winners": winners, "large": large, "answer": str(shares),
        "broken": str([math.nan if one in places else 0.0 for one in range(length)]),
        "ones": str([1.0 if one in places else 0.0 for one in range(length)]),
        "equal": str([round(1 / length, 2)] * length),
    }  # fmt: skip


def one_hot_shape(rng: random.Random) -> dict:
    images, classes = rng.choice([20, 32, 50, 64, 100, 200, 500]), rng.choice([3, 4, 5, 6, 7, 10, 12])
    return {
        "images": images, "classes": classes, "last": classes - 1, "answer": f"({images}, {classes})",
        "turned": f"({classes}, {images})", "column": f"({images}, 1)", "flat": f"({images},)",
    }  # fmt: skip


def one_hot_code(rng: random.Random) -> dict:
    import numpy as np

    classes = rng.choice([3, 4, 5])
    labels = rng.sample(range(1, classes), 2)
    rows = np.eye(classes, dtype=int)
    return {
        "classes": classes, "labels": str(labels), "first": labels[0], "answer": str(rows[labels].tolist()),
        "from_one": str(rows[[label - 1 for label in labels]].tolist()),
        "turned": str(rows[labels].T.tolist()),
        "summed": str(rows[labels].sum(axis=0).tolist()),
    }  # fmt: skip
