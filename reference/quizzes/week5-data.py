"""Numbers for the questions of week5-data."""

import random
import re
from itertools import pairwise
from math import ceil

VALUES = {
    "learned": (
        ("은닉층의 가중치", "Weights of the hidden layer"),
        ("출력층의 편향", "Bias of the output layer"),
        ("합성곱 필터의 값", "Values of a convolution filter"),
        ("배치 정규화의 감마와 베타", "Gamma and beta of batch normalization"),
    ),
    "chosen": (
        ("학습률", "Learning rate"),
        ("은닉층의 뉴런 수", "Number of hidden units"),
        ("미니배치의 크기", "Size of the mini-batches"),
        ("드롭아웃 비율", "Dropout rate"),
        ("L2 규제의 세기", "Strength of the L2 penalty"),
    ),
    "computed": (
        ("배치 하나의 손실", "Loss of one batch"),
        ("손실의 기울기", "Gradient of the loss"),
        ("검증 정확도", "Validation accuracy"),
        ("은닉층의 출력", "Output of the hidden layer"),
    ),
}
COLUMNS = (
    ("한 달 범죄", "crimes a month", 8, 40, 300),
    ("지하철역까지", "metres to the metro", 30, 95, 300),
)


def _apart(*values: float, by: float = 0.01) -> bool:
    """All of them differ clearly."""
    ordered = sorted(values)
    return all(high - low > by * max(1.0, abs(low)) for low, high in pairwise(ordered))


def value_groups(rng: random.Random) -> dict:
    groups = [*VALUES, rng.choice(list(VALUES))]
    rng.shuffle(groups)
    pools = {group: rng.sample(pool, 2) for group, pool in VALUES.items()}
    values = {}
    for letter, group in zip("abcd", groups, strict=True):
        ko, en = pools[group].pop()
        values |= {f"{letter}_ko": ko, f"{letter}_en": en, f"{letter}_group": group}
    return values


def grid_search(rng: random.Random) -> dict:
    while True:
        rates, sizes, drops, k = (rng.randint(2, 5) for _ in range(4))
        settings, added = rates * sizes * drops, rates + sizes + drops
        values = settings * k, settings, added * k, added, settings * (k - 1)
        if k >= 3 and len(set(values)) == len(values):
            break
    return {
        "rates": rates, "sizes": sizes, "drops": drops, "k": k, "answer": values[0], "settings": settings,
        "added_folds": values[2], "added": added, "one_less": values[4],
    }  # fmt: skip


def settings(rng: random.Random) -> dict:
    validation = rng.randint(880, 930)
    small = validation - rng.randint(50, 90)
    rows = {
        "best": (validation + rng.randint(15, 30), validation, rng.randint(20, 40)),
        "memorized": (rng.randint(990, 999), validation - rng.randint(25, 45), rng.randint(60, 90)),
        "no_gap": (small + rng.randint(1, 4), small, rng.randint(2, 8)),
        "largest": (validation + rng.randint(31, 50), validation - rng.randint(10, 20), rng.randint(150, 300)),
    }
    names = list(rows)
    rng.shuffle(names)
    letters = dict(zip(names, "ABCD", strict=True))
    lines = [
        f"| {letters[name]} | {rows[name][2]},000 | {rows[name][0] / 10:.1f} % | {rows[name][1] / 10:.1f} % |"
        for name in names
    ]
    head = {
        "ko": "| 설정 | 매개변수 수 | 훈련 정확도 | 검증 정확도 |\n|---|---|---|---|\n",
        "en": "| setting | parameters | training accuracy | validation accuracy |\n|---|---|---|---|\n",
    }
    return letters | {f"table_{language}": text + "\n".join(lines) for language, text in head.items()}


def one_home(rng: random.Random) -> dict:
    while True:
        column_ko, column_en, lo, mean, hi = rng.choice(COLUMNS)
        x = rng.randrange(lo + 20, hi - 20, 5)
        answer, by_max, from_min, turned = (x - lo) / (hi - lo), x / hi, (x - lo) / hi, (hi - x) / (hi - lo)
        from_mean = (x - mean) / (hi - lo)
        if x != mean and _apart(answer, by_max, from_min, turned, from_mean):
            break
    return {
        "column_ko": column_ko, "column_en": column_en, "lo": lo, "hi": hi, "x": x, "answer": answer,
        "by_max": by_max, "from_min": from_min, "from_mean": from_mean, "turned": turned, "shown": f"{answer:.3f}",
        "above": x - lo, "range": hi - lo,
    }  # fmt: skip


def standard_score(rng: random.Random) -> dict:
    while True:
        sd = rng.choice([20, 25, 40, 50])
        mean, z = rng.randrange(90, 141, 5), rng.choice([-1.4, -1.2, -0.8, -0.6, 0.4, 0.6, 1.2, 1.4, 1.6, 2.2])
        x = round(mean + z * sd)
        values = z, (x - mean) / sd**2, -z, float(x - mean), x / sd
        if x >= 30 and len({round(value, 3) for value in values}) == len(values):
            break
    return {
        "mean": mean, "sd": sd, "x": x, "difference": x - mean, "answer": z, "by_variance": values[1],
        "turned": -z, "not_divided": x - mean, "not_centred": x / sd,
    }  # fmt: skip


def two_columns(rng: random.Random) -> dict:
    import numpy as np

    schools = [0, 4, rng.choice([1, 2, 3])] if rng.random() < 0.5 else [1, 5, rng.choice([2, 3, 4])]
    low, width = rng.choice([30, 40, 50, 60]), rng.choice([100, 200])
    metres = [low, low + width, low + round(width * rng.choice([0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 0.9]))]
    rng.shuffle(schools)
    rng.shuffle(metres)
    X = np.array([schools, metres]).T
    lo, hi = X.min(axis=0), X.max(axis=0)
    whole, answer = ((X - X.min()) / (X.max() - X.min())).round(4), str(((X - lo) / (hi - lo)).tolist())
    return {
        "table": str(X.tolist()), "answer": answer, "integers": re.sub(r"\b([01])\.0\b", r"\1", answer),
        "whole": str(whole.tolist()),
        "turned": str(((hi - X) / (hi - lo)).tolist()), "lo": str(lo.tolist()), "hi": str(hi.tolist()),
    }  # fmt: skip


def beyond_the_range(rng: random.Random) -> dict:
    while True:
        lo, hi = rng.randrange(5, 16), rng.randrange(200, 301, 10)
        x = rng.randrange(hi + 30, hi + 151, 5)
        answer, anew, by_max = (x - lo) / (hi - lo), 1.0, x / hi
        if _apart(answer, anew, by_max, by=0.004):
            break
    return {
        "lo": lo, "hi": hi, "x": x, "answer": answer, "anew": anew, "by_max": by_max, "shown": f"{answer:.3f}",
        "above": x - lo, "range": hi - lo,
    }  # fmt: skip


def updates(rng: random.Random) -> dict:
    while True:
        batch, epochs = rng.choice([32, 50, 64, 100, 128]), rng.choice([3, 5, 8, 10, 20])
        full, rest = rng.randint(5, 40), rng.randrange(4, batch)
        n = full * batch + rest
        answer = (full + 1) * epochs
        if n % 2 == 0 and len({answer, full * epochs, full + 1, epochs, n * epochs}) == 5:
            break
    return {
        "n": n, "batch": batch, "epochs": epochs, "steps": ceil(n / batch), "answer": answer,
        "dropped": full * epochs, "one_epoch": full + 1, "each_epoch": epochs, "each_row": n * epochs,
    }  # fmt: skip


def last_batch(rng: random.Random) -> dict:
    size, d = rng.choice([16, 32, 64, 128]), rng.choice([8, 12, 20, 48])
    full, rest = rng.randint(3, 12), rng.randrange(2, size - 1)
    while rest == d:
        rest = rng.randrange(2, size - 1)
    n = full * size + rest
    return {"n": n, "d": d, "size": size, "full": full, "covered": full * size, "rest": rest}


def photo_batch(rng: random.Random) -> dict:
    side, batch = rng.choice([64, 96, 128, 224, 256]), rng.choice([64, 128, 256, 512])
    numbers = batch * 3 * side * side
    mb = [numbers * size / 1e6 for size in (4, 1, 8)]
    return {
        "side": side, "batch": batch, "numbers": f"{numbers:,}", "answer": mb[0], "one_byte": mb[1], "double": mb[2],
        "binary": mb[0] * 1e6 / 2**20, "grey": mb[0] / 3, "one_photo": mb[0] / batch, "shown": f"{mb[0]:.1f}",
    }  # fmt: skip


def two_passes(rng: random.Random) -> dict:
    import torch

    while True:
        w = float(rng.choice([-3, -2, 3, 4, 5]))
        first, second = (float(x) for x in rng.sample([1, 2, 3, 4, 5], 2))
        if len({2 * (first + second) * w, 2 * second * w, (first + second) * w, (first + second) * w * w}) == 4:
            break
    tensor = torch.tensor(w, requires_grad=True)
    for x in (first, second):
        (x * tensor**2).backward()
    return {
        "w": str(w), "first": str(first), "second": str(second), "answer": f"{tensor.grad.item():.0f}",
        "last": f"{2 * second * w:.0f}", "mean": f"{(first + second) * w:.0f}",
        "loss": f"{(first + second) * w * w:.0f}",
        "one": f"{2 * first * w:g}", "two": f"{2 * second * w:g}",
    }  # fmt: skip


def epoch_loss(rng: random.Random) -> dict:
    while True:
        size = rng.choice([20, 32, 40, 50, 100])
        rest = size // rng.choice([4, 5, 10])
        losses = [round(rng.uniform(0.3, 0.5), 2) for _ in range(3)] + [round(rng.uniform(0.7, 1.2), 2)]
        counts = [size] * 3 + [rest]
        n = sum(counts)
        total = sum(count * loss for count, loss in zip(counts, losses, strict=True))
        values = total / n, sum(losses) / 4, sum(losses[:3]) / 3, total / (4 * size), sum(losses)
        if _apart(*values, by=0.005):
            break
    head = {"ko": "| 배치 | 손실 |\n|---|---|\n", "en": "| batch | loss |\n|---|---|\n"}
    lines = "\n".join(f"| {place} | {loss:.2f} |" for place, loss in enumerate(losses, 1))
    return {
        "n": n, "size": size, "rest": rest, "table_ko": head["ko"] + lines, "table_en": head["en"] + lines,
        "total": f"{total:.2f}", "answer": values[0], "of_batches": values[1], "without_last": values[2],
        "as_if_full": values[3], "summed": values[4], "shown": f"{values[0]:.4f}",
    }  # fmt: skip


def hold_out(rng: random.Random) -> dict:
    while True:
        n, test, validation = rng.randrange(1000, 6001, 200), rng.choice([10, 15, 20, 25]), rng.choice([10, 20, 25, 30])
        left = n * (100 - test) // 100
        held = left * validation // 100
        values = left - held, n * (100 - test - validation) // 100, held, left
        if left * validation % 100 == 0 and n * test % 100 == 0 and len(set(values)) == 4:
            break
    return {
        "n": n, "test": test, "validation": validation, "left": left, "held": held, "answer": values[0],
        "of_all": values[1],
    }  # fmt: skip


def larger_folds(rng: random.Random) -> dict:
    while True:
        k = rng.choice([5, 6, 7, 8, 10])
        small, more = rng.randint(10, 30), rng.randrange(1, k)
        if 2 * more != k and more != 1 and len({more, k - more, k, 1}) == 4:
            break
    return {"n": small * k + more, "k": k, "small": small, "large": small + 1, "answer": more, "others": k - more}


def stratified(rng: random.Random) -> dict:
    while True:
        k, percent = rng.choice([4, 5, 8, 10]), rng.choice([5, 8, 10, 15, 20, 30])
        n = rng.randrange(200, 2001, 100)
        sick, fold = n * percent // 100, n // k
        values = sick // k, sick, fold, sick * (k - 1) // k, fold // 2
        if sick % k == 0 and n % k == 0 and values[0] >= 3 and len(set(values)) == 5:
            break
    return {
        "k": k, "percent": percent, "n": n, "sick": sick, "fold": fold, "answer": values[0], "training": values[3],
        "half": values[4],
    }  # fmt: skip


def seeds_and_draws(rng: random.Random) -> dict:
    import torch

    one, other = rng.sample(range(1, 100), 2)
    draws = rng.choice([(one, None, one), (one, one, None), (one, other, one), (one, other, other), (one, one, other)])
    generator, drawn, lines = torch.Generator(), {}, []
    for name, seed in zip("abc", draws, strict=True):
        if seed is not None:
            generator.manual_seed(seed)
            lines.append(f"torch.manual_seed({seed})")
        drawn[name] = torch.rand(3, generator=generator)
        lines.append(f"{name} = torch.rand(3)")
    pairs = [torch.equal(drawn[x], drawn[y]) for x, y in ("ab", "ac", "bc")]
    return {"code": "\n".join(lines), "answer": " ".join(map(str, pairs))}
