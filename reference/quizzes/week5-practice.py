"""Numbers for the questions of week5-practice."""

import random
from itertools import pairwise
from math import log, log2, log10, sqrt

MODELS = (
    ("ResNet-18", 11_176_512, 512),
    ("ResNet-50", 23_508_032, 2048),
    ("MobileNetV2", 2_223_872, 1280),
    ("EfficientNet-B0", 4_007_548, 1280),
)
PLACES = (
    (0, 0, "왼쪽 위", "top left"),
    (0, 1, "오른쪽 위", "top right"),
    (1, 0, "왼쪽 아래", "bottom left"),
    (1, 1, "오른쪽 아래", "bottom right"),
)


def _apart(*values: float, by: float = 0.01) -> bool:
    """All of them differ clearly."""
    ordered = sorted(values)
    return all(high - low > by * max(1.0, abs(low)) for low, high in pairwise(ordered))


def one_output(rng: random.Random) -> dict:
    import torch

    while True:
        image = [[rng.randint(0, 4) for _ in range(3)] for _ in range(3)]
        weights = [[rng.choice([-2, -1, 0, 1, 2, 3]) for _ in range(2)] for _ in range(2)]
        row, column, place_ko, place_en = rng.choice(PLACES)
        patch = [[image[row + i][column + j] for j in range(2)] for i in range(2)]
        cells = [(i, j) for i in range(2) for j in range(2)]
        answer = sum(patch[i][j] * weights[i][j] for i, j in cells)
        flipped = sum(patch[i][j] * weights[1 - i][1 - j] for i, j in cells)
        turned = sum(patch[i][j] * weights[j][i] for i, j in cells)
        patch_sum = sum(map(sum, patch))
        product = patch_sum * sum(map(sum, weights))
        if len({answer, flipped, turned, patch_sum, product}) == 5:
            break
    result = torch.nn.functional.conv2d(torch.tensor([[image]]).double(), torch.tensor([[weights]]).double())
    assert result[0, 0, row, column].item() == answer
    terms = " + ".join(
        f"{patch[i][j]} \\times {weights[i][j] if weights[i][j] >= 0 else f'({weights[i][j]})'}" for i, j in cells
    )
    width = max(len(str(weight)) for line in weights for weight in line)
    return {
        "image": "\n".join(" ".join(map(str, line)) for line in image),
        "filter": "\n".join(" ".join(f"{weight:>{width}}" for weight in line) for line in weights),
        "place_ko": place_ko, "place_en": place_en, "answer": answer, "flipped": flipped, "turned": turned,
        "patch_sum": patch_sum, "product": product, "terms": terms,
    }  # fmt: skip


def convolution_side(rng: random.Random) -> dict:
    import torch
    from torch import nn

    while True:
        n, k, s, p = rng.randrange(20, 65), rng.choice([5, 7, 9]), rng.choice([2, 3]), rng.choice([2, 3, 4])
        answer = (n + 2 * p - k) // s + 1
        values = answer, (n - k) // s + 1, n + 2 * p - k + 1, answer - 1, (n + 2 * p) // s + 1
        if p <= k // 2 and len(set(values)) == 5:
            break
    assert nn.Conv2d(1, 1, k, stride=s, padding=p)(torch.zeros(1, 1, n, n)).shape[-1] == answer
    return {
        "n": n, "k": k, "s": s, "p": p, "answer": answer, "no_padding": values[1], "no_stride": values[2],
        "no_one": values[3], "no_filter": values[4], "above": n + 2 * p - k,
    }  # fmt: skip


def convolution_parameters(rng: random.Random) -> dict:
    from torch import nn

    cin, cout = rng.choice([1, 3, 3, 8, 16]), rng.choice([8, 16, 32, 64])
    while cin == cout:
        cout = rng.choice([8, 16, 32, 64])
    k, side = rng.choice([3, 5, 7]), rng.choice([28, 32, 64, 128, 224])
    answer = sum(p.numel() for p in nn.Conv2d(cin, cout, k).parameters())
    one_channel = (k * k + 1) * cout if cin > 1 else k * k + 1
    return {
        "cin": cin, "cout": cout, "k": k, "side": side, "answer": answer, "no_bias": cin * cout * k * k,
        "one_channel": one_channel, "each_weight_set": cin * cout * (k * k + 1) if cin > 1 else k * k * cout + 1,
        "by_side": cin * cout * side * side + cout, "per_filter": cin * k * k + 1,
    }  # fmt: skip


def pooled_shape(rng: random.Random) -> dict:
    import torch
    from torch import nn

    while True:
        cin, cout, batch = rng.choice([1, 3]), rng.choice([8, 16, 32]), rng.choice([4, 10, 20, 64])
        side, k = rng.choice([28, 32, 64, 96]), rng.choice([3, 5])
        p = rng.choice([0, k // 2])
        model = nn.Sequential(nn.Conv2d(cin, cout, k, padding=p), nn.ReLU(), nn.MaxPool2d(2))
        half = model(torch.zeros(batch, cin, side, side)).shape[-1]
        if half != cout:
            break
    after = side + 2 * p - k + 1
    shrunk = (side // 2) if p == 0 else (side - k + 1) // 2
    return {
        "cin": cin, "cout": cout, "batch": batch, "side": side, "k": k, "p": p, "after": after, "half": half,
        "shrunk": shrunk,
    }  # fmt: skip


def receptive_field(rng: random.Random) -> dict:
    while True:
        k, layers = rng.choice([3, 5, 7]), rng.randint(2, 6)
        values = 1 + layers * (k - 1), k * layers, k, k**layers, layers * (k - 1)
        if len(set(values)) == 5:
            break
    return {
        "k": k, "layers": layers, "answer": values[0], "multiplied": values[1], "power": values[3],
        "no_one": values[4], "grow": k - 1, "more": layers - 1,
    }  # fmt: skip


def frozen(rng: random.Random) -> dict:
    from torch import nn

    model, backbone, features = rng.choice(MODELS)
    classes = rng.randint(3, 40)
    answer = sum(p.numel() for p in nn.Linear(features, classes).parameters())
    return {
        "model": model, "backbone": f"{backbone:,}", "features": features, "classes": classes, "answer": answer,
        "no_bias": features * classes, "all": backbone + answer, "added": features + classes,
        "one_bias": features * classes + 1,
    }  # fmt: skip


def branches(rng: random.Random) -> dict:
    import torch
    from torch import nn

    n, a, c = rng.choice([8, 16, 32, 64]), rng.choice([100, 200, 300, 500]), rng.choice([5, 6, 10, 12])
    b, d = rng.choice([16, 24, 32]), rng.choice([4, 8])
    parts = [nn.Linear(a, b)(torch.zeros(n, a)), nn.Linear(c, d)(torch.zeros(n, c))]
    joined = torch.cat(parts, dim=1).shape
    return {
        "n": n, "a": a, "b": b, "c": c, "d": d, "joined": joined[1], "inputs": a + c, "twice": 2 * n, "product": b * d,
    }  # fmt: skip


def listed_layers(rng: random.Random) -> dict:
    from torch import nn

    a, b, c = rng.randint(3, 9), rng.randint(4, 9), rng.randint(2, 6)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(a, b)
            self.rest = [nn.Linear(b, c), nn.Linear(c, 1)]

    net = Net()
    answer = sum(p.numel() for p in net.parameters())
    listed = sum(p.numel() for layer in net.rest for p in layer.parameters())
    return {
        "a": a, "b": b, "c": c, "answer": str(answer), "all": str(answer + listed), "no_bias": str(a * b),
        "rest": listed, "layers": "3",
    }  # fmt: skip


def news(rng: random.Random) -> dict:
    topics, n, d = rng.choice([4, 10, 20, 46]), rng.choice([16, 32, 64, 128]), rng.choice([100, 300, 1000, 5000])
    return {"topics": topics, "n": n, "d": d}


def untrained(rng: random.Random) -> dict:
    import torch
    from torch import nn

    topics = rng.choice([4, 5, 8, 10, 12, 15, 20, 30, 46, 50, 100])
    answer = nn.CrossEntropyLoss()(torch.zeros(1, topics, dtype=torch.float64), torch.tensor([0])).item()
    assert abs(answer - log(topics)) < 1e-12
    return {
        "topics": topics, "answer": answer, "probability": 1 / topics, "base_two": log2(topics),
        "base_ten": log10(topics), "negative": -log(topics), "shown": f"{answer:.2f}",
    }  # fmt: skip


def review_logits(rng: random.Random) -> dict:
    import torch

    logits = [
        round(rng.uniform(0.1, 0.45), 1), round(rng.uniform(0.6, 3.0), 1), -round(rng.uniform(0.1, 0.45), 1),
        -round(rng.uniform(0.6, 3.0), 1), rng.choice([-0.3, 0.2, 0.4, 1.5]),
    ]  # fmt: skip
    rng.shuffle(logits)
    answer = (torch.sigmoid(torch.tensor(logits)) >= 0.5).int().tolist()
    return {
        "logits": str(logits), "answer": str(answer), "half": str([int(z >= 0.5) for z in logits]),
        "turned": str([1 - one for one in answer]), "floats": str([float(one) for one in answer]),
        "bools": str([bool(one) for one in answer]),
    }  # fmt: skip


def price_errors(rng: random.Random) -> dict:
    while True:
        prices = [rng.randrange(30_000, 120_000, 1000) for _ in range(4)]
        errors = [1000 * rng.choice([-8, -6, -5, -4, -3, -2, 1, 2, 3, 4, 5, 7, 9]) for _ in prices]
        sizes = [abs(error) for error in errors]
        square = sum(error * error for error in errors) / 4
        values = sum(sizes) / 4, sum(errors) / 4, sqrt(square), square, float(sum(sizes))
        if len(set(sizes)) > 2 and _apart(*values, by=0.02):
            break
    rows = "\n".join(
        f"| {letter} | {price} | {price + error} |" for letter, price, error in zip("ABCD", prices, errors, strict=True)
    )
    answer, signed, root, squared, total = values
    return {
        "table_ko": f"| 집 | 실제 값 | 예측값 |\n|---|---|---|\n{rows}",
        "table_en": f"| home | price | prediction |\n|---|---|---|\n{rows}",
        "answer": answer, "signed": signed, "root": root, "squared": squared, "total": total,
        "sizes": " + ".join(map(str, sizes)),
    }  # fmt: skip


# Of pictures

# as in picture-and-filter.svg
IMAGE = [[0, 3, 0, 2, 1], [1, 4, 2, 3, 1], [3, 2, 0, 1, 4], [0, 2, 1, 4, 1], [2, 1, 1, 2, 2]]
FILTER = [[1, 0, -1], [2, 1, 0], [0, -1, 1]]


def _laid_on(top: int, left: int, rows: list[list[int]]) -> list[int]:
    """The products of a filter with the image, of which its upper left lies on a place (from 0)."""
    return [rows[i][j] * IMAGE[top + i][left + j] for i in range(3) for j in range(3) if rows[i][j]]


def drawn_filter(rng: random.Random) -> dict:
    turned = [row[::-1] for row in FILTER[::-1]]
    bare = [[abs(value) for value in row] for row in FILTER]
    while True:
        stride = rng.choice([1, 1, 2])
        row, column = (rng.randint(1, 3 if stride == 1 else 2) for _ in range(2))
        top, left = stride * (row - 1), stride * (column - 1)
        products = _laid_on(top, left, FILTER)
        others = _laid_on(left, top, FILTER), _laid_on(top, left, turned), _laid_on(top, left, bare)
        values = [sum(one) for one in (products, *others)]
        if len(set(values)) == 4:
            break
    answer, swapped, flipped, unsigned = values
    steps = " + ".join(f"({value})" if value < 0 else str(value) for value in products)
    return {
        "stride": stride, "row": row, "column": column, "top": top + 1, "left": left + 1, "steps": steps,
        "answer": answer, "swapped": swapped, "flipped": flipped, "bare": unsigned,
    }  # fmt: skip
