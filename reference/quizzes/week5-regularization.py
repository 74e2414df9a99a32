"""Numbers for the questions of week5-regularization."""

import random
from itertools import pairwise
from math import sqrt

ORDINALS = {2: "second", 3: "third", 4: "fourth"}


def _apart(*values: float, by: float = 0.01) -> bool:
    """All of them differ clearly."""
    ordered = sorted(values)
    return all(high - low > by * max(1.0, abs(low)) for low, high in pairwise(ordered))


def _term(value: float) -> str:
    """A number within a formula, in brackets where it is negative."""
    return f"({value:g})" if value < 0 else f"{value:g}"


def three_models(rng: random.Random) -> dict:
    good, low = rng.randint(940, 958), rng.randint(580, 680)
    models = [
        ("over", rng.randint(985, 999), rng.randint(700, 790)),
        ("under", low + rng.randint(3, 12), low),
        ("good", good + rng.randint(5, 14), good),
    ]
    rng.shuffle(models)
    values = {}
    for letter, (state, training, validation) in zip("abc", models, strict=True):
        values |= {
            f"{letter}_ko": f"훈련 {training / 10:.1f} %, 검증 {validation / 10:.1f} %",
            f"{letter}_en": f"training {training / 10:.1f} %, validation {validation / 10:.1f} %",
            f"{letter}_state": state,
        }
    return values


def rare_words(rng: random.Random) -> dict:
    k, words = rng.choice([3, 4, 5, 6]), 64 * rng.choice([5, 10, 15, 20, 25])
    answer = words * 2 // 2**k
    return {
        "k": k, "words": words, "answer": answer, "one_side": answer // 2, "halved": words // 2,
        "divided": words / k, "both": 2**k, "power": 2 ** (k - 1),
    }  # fmt: skip


def penalized(rng: random.Random) -> dict:
    while True:
        weights = rng.sample([-3, -2, -1, 1, 2, 3, 4], 3)
        lam, loss = rng.choice([0.01, 0.02, 0.05, 0.1]), rng.choice([0.2, 0.35, 0.4, 0.5, 0.65, 0.8])
        squares, sizes = sum(w * w for w in weights), sum(map(abs, weights))
        values = (
            loss + lam * squares, loss + lam * sizes, loss + squares, loss + lam * squares / 3, lam * squares,
            loss + lam * sum(weights) ** 2,
        )  # fmt: skip
        if _apart(*values, by=0.004):
            break
    answer, l1, without, mean, penalty, of_sum = (round(value, 6) for value in values)
    return {
        "weights": f"({', '.join(map(str, weights))})", "lam": lam, "loss": loss, "squares": squares, "answer": answer,
        "l1": l1, "without": without, "mean": mean, "penalty": penalty, "of_sum": of_sum,
    }  # fmt: skip


def l1_step(rng: random.Random) -> dict:
    while True:
        w, lr, lam = rng.choice([-0.5, -0.6, -0.8, -1.2, -1.5, -2.0]), rng.choice([0.1, 0.2]), rng.choice([0.2, 0.5])
        values = w + lr * lam, w - lr * lam, w - 2 * lr * lam * w, w + lam, w + lr * lam * w
        if _apart(*values, by=0.005):
            break
    answer, away, l2, no_rate, grown = (round(value, 6) for value in values)
    return {
        "w": w, "lr": lr, "lam": lam, "answer": answer, "away": away, "l2": l2, "no_rate": no_rate, "grown": grown,
        "move": round(lr * lam, 6),
    }  # fmt: skip


def three_penalties(rng: random.Random) -> dict:
    def vector(sizes: list[float]) -> str:
        rng.shuffle(sizes)
        return "[" + ", ".join(f"{size * rng.choice([-1, 1]) if size else 0.0:.2f}" for size in sizes) + "]"

    models = [
        ("none", vector([rng.uniform(1.6, 4.2) for _ in range(5)] + [rng.uniform(0.5, 0.9)])),
        ("l1", vector([rng.uniform(0.9, 2.2) for _ in range(2)] + [0.0] * 4)),
        ("l2", vector([rng.uniform(0.3, 0.9) for _ in range(4)] + [rng.uniform(0.03, 0.15) for _ in range(2)])),
    ]
    rng.shuffle(models)
    values = {}
    for letter, (name, weights) in zip("abc", models, strict=True):
        values |= {f"{letter}_weights": weights, f"{letter}_penalty": name}
    return values


def kept_unit(rng: random.Random) -> dict:
    import torch
    from torch import nn

    while True:
        p, x = rng.choice([0.2, 0.25, 0.4, 0.6, 0.75, 0.8]), rng.choice([1.2, 1.8, 2.4, 3.6, 6.0])
        values = x / (1 - p), x, x * (1 - p), x / p, x * p
        if _apart(*values, by=0.02):
            break
    answer, same, smaller, by_p, times_p = (round(value, 6) for value in values)
    torch.manual_seed(0)
    seen = nn.Dropout(p)(torch.full((200,), x))
    assert abs(seen.max().item() - answer) < 1e-5
    return {
        "p": p, "x": x, "keep": round(1 - p, 6), "answer": answer, "same": same, "smaller": smaller, "by_p": by_p,
        "times_p": times_p,
    }  # fmt: skip


def eval_dropout(rng: random.Random) -> dict:
    import torch
    from torch import nn

    p = rng.choice([0.2, 0.5, 0.75])
    x = [float(value) for value in rng.sample([1, 2, 3, 4, 6, 8], 3)]
    drop = nn.Dropout(p)
    drop.eval()
    answer = drop(torch.tensor(x)).tolist()
    return {
        "p": p, "x": str(x), "answer": str(answer), "smaller": str([round(value * (1 - p), 6) for value in x]),
        "larger": str([round(value / (1 - p), 6) for value in x]), "zeros": str([0.0] * 3),
        "integers": str([int(value) for value in x]),
    }  # fmt: skip


def batch_norm(rng: random.Random) -> dict:
    import torch

    while True:
        scale, mean = rng.choice([1, 2, 3]), rng.randint(-5, 12)
        batch = [mean + scale * side for side in (-7, -1, 1, 7)]
        rng.shuffle(batch)
        x, gamma, beta = rng.choice(batch), rng.choice([0.5, 1.5, 2.0, 3.0]), rng.choice([-2, -1, 1, 2, 3])
        sd = 5 * scale
        z = (x - mean) / sd
        values = (
            gamma * z + beta, z, (x - mean) * gamma / sd**2 + beta, gamma * (z + beta),
            gamma * (x - mean) / sqrt(sd**2 * 4 / 3) + beta, gamma * x + beta,
        )  # fmt: skip
        if _apart(*values, by=0.01):
            break
    column = torch.tensor(batch, dtype=torch.float64)[:, None]
    parts = torch.full((1,), gamma, dtype=torch.float64), torch.full((1,), float(beta), dtype=torch.float64)
    normed = torch.nn.functional.batch_norm(column, None, None, *parts, training=True, eps=1e-14)
    assert abs(normed[batch.index(x), 0].item() - values[0]) < 1e-9
    answer, plain, by_variance, shifted_first, sample, not_normed = (round(value, 6) for value in values)
    return {
        "batch": ", ".join(map(str, batch)), "x": x, "gamma": gamma, "beta": beta, "mean": mean, "sd": sd, "z": plain,
        "answer": answer, "plain": plain, "by_variance": by_variance, "shifted_first": shifted_first, "sample": sample,
        "not_normed": not_normed, "variance": sd**2, "terms": f"{gamma:g} \\times {_term(z)} + {_term(beta)}",
    }  # fmt: skip


def _stops(losses: list[float], patience: int) -> tuple[int, int]:
    """The epoch after which training stops, and the best one; both from 1."""
    best, at, bad = float("inf"), 0, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < best:
            best, at, bad = loss, epoch, 0
        else:
            bad += 1
        if bad == patience:
            return epoch, at
    return len(losses), at


def _stops_by_previous(losses: list[float], patience: int) -> int:
    bad = 0
    for epoch, (before, loss) in enumerate(pairwise(losses), 2):
        bad = bad + 1 if loss >= before else 0
        if bad == patience:
            return epoch
    return len(losses)


def _stops_by_total(losses: list[float], patience: int) -> int:
    best, bad = float("inf"), 0
    for epoch, loss in enumerate(losses, 1):
        best, bad = min(best, loss), bad + (loss >= best)
        if bad == patience:
            return epoch
    return len(losses)


def early_stopping(rng: random.Random) -> dict:
    while True:
        patience, loss, losses = rng.choice([2, 3]), rng.randint(70, 90), []
        for _ in range(rng.randint(2, 3)):
            losses.append(loss)
            loss -= rng.randint(5, 9)
        losses += [losses[-1] + rng.randint(1, 4) for _ in range(patience - 1)]
        losses += [loss]
        losses += [loss + rng.randint(1, 6) for _ in range(patience + 1)]
        losses += [loss - rng.randint(2, 5)]
        losses += [losses[-1] + step for step in range(1, patience + 1)]
        stop, best = _stops(losses, patience)
        by_previous, by_total = _stops_by_previous(losses, patience), _stops_by_total(losses, patience)
        lowest = losses.index(min(losses)) + 1
        if stop < len(losses) and len({stop, best, by_previous, by_total, stop + 1, lowest}) == 6:
            break
    cells = "| " + " | ".join(f"{loss / 100:.2f}" for loss in losses) + " |"
    numbers = "| " + " | ".join(str(epoch) for epoch in range(1, len(losses) + 1)) + " |"
    rule = "|---" * (len(losses) + 1) + "|"
    return {
        "patience": patience, "patience_en": ORDINALS[patience], "answer": stop, "best": best, "late": stop + 1,
        "by_previous": by_previous, "by_total": by_total, "lowest": lowest,
        "table_ko": f"| 에폭 {numbers}\n{rule}\n| 검증 손실 {cells}",
        "table_en": f"| epoch {numbers}\n{rule}\n| validation loss {cells}",
    }  # fmt: skip


def he_deviation(rng: random.Random) -> dict:
    while True:
        n_in, n_out = rng.sample([32, 50, 64, 100, 128, 200, 256, 400, 512, 784], 2)
        values = sqrt(2 / n_in), sqrt(2 / (n_in + n_out)), 2 / n_in, sqrt(2 / n_out), sqrt(1 / n_in)
        ordered = sorted(values)
        if all(high / low > 1.05 for low, high in pairwise(ordered)):
            break
    answer, xavier, variance, by_outputs, without_two = values
    return {
        "n_in": n_in, "n_out": n_out, "answer": answer, "xavier": xavier, "variance": variance,
        "by_outputs": by_outputs, "without_two": without_two, "shown": f"{answer:.4f}",
    }  # fmt: skip


def signal(rng: random.Random) -> dict:
    while True:
        n, s = rng.choice([(100, 0.2), (100, 0.05), (400, 0.1), (400, 0.025), (200, 0.1), (50, 0.1), (50, 0.2)])
        layers = rng.choice([3, 4, 5])
        factor = round(n * s * s, 6)
        values = factor**layers, factor * layers, (n * s) ** layers, factor, sqrt(factor) ** layers
        ordered = sorted(values)
        if all(high / low > 1.1 for low, high in pairwise(ordered)):
            break
    answer, added, by_sd, one_layer, deviation = values
    return {
        "n": n, "s": s, "layers": layers, "factor": factor, "answer": answer, "added": added, "by_sd": by_sd,
        "one_layer": one_layer, "deviation": deviation, "shown": f"{answer:.10g}",
    }  # fmt: skip


def momentum(rng: random.Random) -> dict:
    import torch

    while True:
        w, mu, lr = float(rng.randint(1, 5)), rng.choice([0.5, 0.8, 0.9]), rng.choice([0.01, 0.1, 0.2])
        g1, g2 = (float(g) for g in rng.choice([(4, 2), (2, 4), (5, -1), (6, 3), (3, 5), (4, -2), (2, -3)]))
        v2 = mu * g1 + g2
        values = (
            w - lr * (g1 + v2), w - lr * (g1 + g2), w - lr * v2, w + lr * (g1 + v2),
            w - lr * ((1 - mu) * g1 + mu * (1 - mu) * g1 + (1 - mu) * g2), w - (g1 + v2),
        )  # fmt: skip
        if _apart(*values, by=0.004) and abs(values[0]) > 0.2:
            break
    parameter = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=mu)
    for g in (g1, g2):
        parameter.grad = torch.tensor(g, dtype=torch.float64)
        optimizer.step()
    assert abs(parameter.item() - values[0]) < 1e-9
    answer, plain, one_step, uphill, averaged, no_rate = (round(value, 6) for value in values)
    return {
        "w": w, "mu": mu, "lr": lr, "g1": g1, "g2": g2, "v2": round(v2, 6), "answer": answer, "plain": plain,
        "one_step": one_step, "uphill": uphill, "averaged": averaged, "no_rate": no_rate,
        "middle": round(w - lr * g1, 6), "speed": f"{mu:g} \\times {_term(g1)} + {_term(g2)}",
        "move": f"{w - lr * g1:g} - {lr:g} \\times {_term(v2)}",
    }  # fmt: skip


def adam(rng: random.Random) -> dict:
    import torch

    while True:
        w, lr = rng.choice([1.0, 1.5, 2.0, 3.0]), rng.choice([0.02, 0.05, 0.1])
        g = float(rng.choice([-200, -80, -40, 20, 50, 60, 300]))
        sign = 1 if g > 0 else -1
        values = w - lr * sign, w - lr * g, w + lr * sign, w - lr * 0.1 * g, w - lr * sign * 0.1 / sqrt(0.001)
        if _apart(*values, by=0.004):
            break
    parameter = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    parameter.grad = torch.tensor(g, dtype=torch.float64)
    torch.optim.Adam([parameter], lr=lr).step()
    assert abs(parameter.item() - values[0]) < 1e-6
    answer, plain, uphill, only_mean, uncorrected = (round(value, 6) for value in values)
    return {
        "w": w, "lr": lr, "g": g, "sign": sign, "answer": answer, "plain": plain, "uphill": uphill,
        "only_mean": only_mean, "uncorrected": uncorrected,
    }  # fmt: skip


# Of pictures

# as in two-losses-by-epoch.svg
DRAWN = [0.90, 0.74, 0.62, 0.54, 0.48, 0.53, 0.51, 0.44, 0.38, 0.41, 0.44, 0.46, 0.50, 0.54, 0.58]
LOWEST = 1 + DRAWN.index(min(DRAWN))
FIRST_DIP = 5


def drawn_stopping(rng: random.Random) -> dict:
    patience = rng.randint(1, 5)
    answer, best = _stops(DRAWN, patience)
    if best == FIRST_DIP:
        other = LOWEST + patience
        why = (
            f"가장 낮은 점부터 셌습니다. 그러나 {FIRST_DIP}에폭 뒤에 최솟값보다 큰 값이 이미 {patience}번 이어져, "
            "더 낮은 점은 보지 못하고 멈춥니다.",
            f"You counted from the lowest point. But after epoch {FIRST_DIP} the loss fails {patience} times in a row, "
            "so training stops before the lower point is seen.",
        )
    else:
        other = FIRST_DIP + patience
        why = (
            f"처음 오르는 {FIRST_DIP}에폭부터 셌습니다. 8에폭에서 새 최솟값이 나오므로 다시 0부터 세어야 합니다.",
            f"You counted from the first rise after epoch {FIRST_DIP}. Epoch 8 brings a new minimum, "
            "so the count starts again from 0.",
        )
    return {
        "patience": patience, "best": best, "answer": answer, "late": answer + 1,
        "other": other, "other_ko": why[0], "other_en": why[1],
    }  # fmt: skip
