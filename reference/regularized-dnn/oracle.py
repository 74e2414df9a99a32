"""Independent answers for `regularized-dnn`, with numpy alone; derivatives are derived by hand.

The data are scikit-learn's handwritten digits. The split is fixed by hash: rows are sorted by the SHA-256 of their
bytes (float32); the first 400 train, the next 200 validate, the other 1,197 are held out, and their labels stay here.
"""

import hashlib
import math
from contextlib import contextmanager, suppress
from functools import cache

import numpy as np

from grader.report import Verdict
from grader.suite import Failed, Tensor, Text, checks

N_TRAIN, N_VAL = 400, 200

# --- false alarms of the statistical checks: each bound holds for every n, and is below 1e-7 -------------------


def sd_bounds(n):
    """(low, high) of the ratio (root mean square of n independent normals) / sigma; outside with P < 1e-7.

    n s^2 / sigma^2 is chi-square with n degrees of freedom. Laurent and Massart (2000), Lemma 1: it exceeds
    n + 2 sqrt(n x) + 2 x, or falls below n - 2 sqrt(n x), with probability exp(-x) each; x = 17, exp(-17) = 4.1e-8.
    """
    x = 17.0
    return math.sqrt(1 - 2 * math.sqrt(x / n)), math.sqrt(1 + 2 * math.sqrt(x / n) + 2 * x / n)


def ks_bound(n):
    """The Kolmogorov-Smirnov distance of n independent draws to their distribution is larger with P < 1e-7.

    Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990): P(D > t) <= 2 exp(-2 n t^2).
    """
    return math.sqrt(math.log(2 / 1e-7) / (2 * n))


def rate_bound(n, times=1):
    """|share - p| of n independent draws is larger, in any of `times` shares, with P < 1e-7.

    Hoeffding (1963), Theorem 2: P(|share - p| > t) <= 2 exp(-2 n t^2); the union bound over `times`.
    """
    return math.sqrt(math.log(2 * times / 1e-7) / (2 * n))


def ks_normal(values):
    """The largest distance between the distribution of `values` and the normal one with mean 0 and their own RMS."""
    ordered = np.sort(values / math.sqrt(np.mean(values**2)))
    cdf = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in ordered])
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.max(steps[1:] - cdf), np.max(cdf - steps[:-1])))


def ks_uniform(values):
    """The largest distance between the distribution of `values` and the uniform one around 0 with their own RMS."""
    ordered = np.sort(values / math.sqrt(3 * np.mean(values**2)))
    cdf = np.clip((ordered + 1) / 2, 0, 1)
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return float(max(np.max(steps[1:] - cdf), np.max(cdf - steps[:-1])))


def neighbours_together(folds, n):
    """How many of the n - 1 pairs (i, i + 1) lie in one validation fold."""
    fold_of = np.full(n, -1)
    for number, fold in enumerate(folds):
        fold_of[fold] = number
    return int(np.sum(fold_of[1:] == fold_of[:-1]))


# --- the answers ---------------------------------------------------------------------------------------------


def min_max_fit(X):
    return np.array([min(column) for column in X.T]), np.array([max(column) for column in X.T])


def min_max_apply(X, lo, hi):
    columns = [(x - a) / (b - a) if b > a else np.zeros(len(X)) for x, a, b in zip(X.T, lo, hi, strict=True)]
    return np.stack(columns, axis=1)


def standardize_fit(X):
    mean = np.array([math.fsum(column) / len(column) for column in X.T])
    gaps = [math.fsum((column - m) ** 2) / len(column) for column, m in zip(X.T, mean, strict=True)]
    return mean, np.sqrt(gaps)


def standardize_apply(X, mean, std):
    columns = [(x - m) / s if s > 0 else np.zeros(len(X)) for x, m, s in zip(X.T, mean, std, strict=True)]
    return np.stack(columns, axis=1)


def init_std(n_in, n_out, kind):
    return {"xavier": math.sqrt(2 / (n_in + n_out)), "he": math.sqrt(2 / n_in)}[kind]


def l1(params, lam):
    return lam * math.fsum(abs(float(v)) for param in params for v in np.ravel(param))


def l2(params, lam):
    return lam * math.fsum(float(v) ** 2 for param in params for v in np.ravel(param))


def l1_grads(params, lam):
    return [lam * np.sign(param) for param in params]


def l2_grads(params, lam):
    return [2 * lam * param for param in params]


def batch_norm(x, gamma, beta, eps=1e-5):
    hat, _ = normalized(x, eps)
    return gamma * hat + beta


def normalized(x, eps):
    centred = x - x.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0) + eps)
    return centred / scale, scale


def batch_norm_grads(x, gamma, beta, weight, eps=1e-5):
    """d sum(weight * y) by x, gamma and beta. With g = weight * gamma, what reaches x directly is g / scale;
    through the mean -mean(g) / scale, and through the variance -hat * mean(g * hat) / scale."""
    hat, scale = normalized(x, eps)
    g = weight * gamma
    by_x = (g - g.mean(axis=0) - hat * (g * hat).mean(axis=0)) / scale
    return [by_x, (weight * hat).sum(axis=0), weight.sum(axis=0)]


def early_stopping(losses, patience, min_delta=0.0):
    """(answers up to the first True, best loss, best epoch), from the whole history at every step."""
    answers, best, best_epoch, bad = [], math.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss >= best - min_delta:
            bad += 1
        else:
            best, best_epoch, bad = loss, epoch, 0
        answers.append(bad >= patience)
        if answers[-1]:
            break
    return answers, best, best_epoch


STOPPING_FLAWS = (  # misconception, and how `flawed_stopping` shows it
    ("patience-off-by-one", {"stops_at": lambda patience: patience + 1}),
    ("patience-off-by-one", {"stops_at": lambda patience: patience - 1}),
    ("patience-off-by-one", {"stops_at": lambda patience: max(patience - 1, 1)}),
    ("equal-counts-as-better", {"equal_is_better": True}),
    ("patience-never-reset", {"resets": False}),
    ("compares-with-last-loss", {"with_last": True}),
    ("min-delta-ignored", {"ignores_delta": True}),
    ("best-loss-creeps", {"creeps": True}),
)


def flawed_stopping(
    losses,
    patience,
    min_delta=0.0,
    stops_at=lambda patience: patience,
    equal_is_better=False,
    resets=True,
    with_last=False,
    ignores_delta=False,
    creeps=False,
):
    """As `early_stopping`, by one who counts, compares or remembers in another way."""
    delta = 0.0 if ignores_delta else min_delta
    answers, best, best_epoch, bad, last = [], math.inf, 0, 0, math.inf
    for epoch, loss in enumerate(losses):
        bar = (last if with_last else best) - delta
        better = loss < bar or (equal_is_better and loss == bar)
        bad = (0 if resets else bad) if better else bad + 1
        if better and (not with_last or loss < best - delta):
            best, best_epoch = loss, epoch
        elif creeps:
            best = min(best, loss)
        last = loss
        answers.append(bad >= stops_at(patience))
        if answers[-1]:
            break
    return answers, best, best_epoch


# --- the data ------------------------------------------------------------------------------------------------


@cache
def _digits():
    from sklearn.datasets import load_digits  # takes a second, and only the checks of `fit` need it

    X, y = load_digits(return_X_y=True)
    X = X.astype(np.float32)
    order = sorted(range(len(X)), key=lambda i: hashlib.sha256(X[i].tobytes()).digest())
    return X[order], y[order].astype(np.int64)


def _part(start, stop=None):
    X, y = _digits()
    return X[start:stop], y[start:stop]


def train_x():
    return Tensor(_part(0, N_TRAIN)[0])


def train_y():
    return _part(0, N_TRAIN)[1]


def training(permuted=None):
    """(X_train, y_train, X_val, y_val) as tensors; labels shuffled within each part where `permuted` is a seed."""
    parts = [_part(0, N_TRAIN), _part(N_TRAIN, N_TRAIN + N_VAL)]
    if permuted is not None:
        rng = np.random.default_rng(permuted)
        parts = [(X, rng.permutation(y)) for X, y in parts]
    return tuple(Tensor(array) for part in parts for array in part)


def held_out_x():
    return Tensor(_part(N_TRAIN + N_VAL)[0])


def held_out_y():
    return _part(N_TRAIN + N_VAL)[1]


# --- what tests share ----------------------------------------------------------------------------------------


def table(seed, n=9):
    """(n, 4): columns of very different ranges; the second is constant, at a number that floats hold exactly."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.normal(5, 2, n), np.full(n, -2.5), rng.normal(0, 300, n), rng.uniform(0, 0.01, n)], axis=1)


def weights(seed):
    """Tensors of several shapes, no value near 0, both signs; the data and the arrays that they hold."""
    rng = np.random.default_rng(seed)
    arrays = [rng.uniform(0.2, 2, shape) * rng.choice((-1, 1), shape) for shape in ((3, 2), (4,), (2, 1, 2))]
    return [Tensor(array, requires_grad=True) for array in arrays], arrays


def told(got, expected, mistakes, *, name, rtol=1e-6, atol=1e-8):
    """As checks.array, and a mistake that is known by its values, (ko, en, array, misconception or None), is named."""
    expected = np.asarray(expected, dtype=np.float64)
    values = checks.shape(got, expected.shape, name=name)
    if not np.allclose(values, expected, rtol=rtol, atol=atol):
        for ko, en, wrong, misconception in mistakes:
            if np.allclose(values, wrong, rtol=max(rtol, 1e-6), atol=atol):
                raise Failed(Text(f"`{name}`: {ko}", f"`{name}`: {en}"), misconception=misconception)
    return checks.array(values, expected, name=name, rtol=rtol, atol=atol)


def for_columns(got, expected, by_row, by_table, mistakes=(), *, name, rtol, atol=1e-8):
    """As `told`, for a number a column; the same number of every row, or of the whole table, is named."""
    values = checks.finite(got, name=name)
    checks.that(
        values.shape != by_row.shape or not np.allclose(values, by_row, rtol=rtol, atol=atol),
        ko=f"`{name}`: 행(예제)마다 구했습니다. 열(특성)마다 하나씩이어야 합니다.",
        en=f"`{name}`: there is one for each row (example). There should be one for each column (feature).",
        misconception="scaled-per-row",
    )
    checks.that(
        values.shape not in ((), expected.shape) or not np.allclose(values, by_table, rtol=rtol, atol=atol),
        ko=f"`{name}`: 표 전체에서 구했습니다. 열(특성)마다 따로 구하세요.",
        en=f"`{name}`: it is that of the whole table. Take one for each column (feature).",
        misconception="scaled-whole-table",
    )
    return told(values, expected, mistakes, name=name, rtol=rtol, atol=atol)


def constant_columns(got, moved, *, name):
    """What scaling makes of constant columns, `got`, is 0 although their values lie `moved` away from training's."""
    checks.that(
        not moved.any() or not np.allclose(got, moved, rtol=1e-4, atol=1e-6),
        ko=f"`{name}`: 상수 열을 1로 나누기만 해서, 처음 보는 값이 0이 되지 않습니다.",
        en=f"`{name}`: constant columns are divided by 1, so values never seen do not become 0.",
        misconception="constant-column-by-one",
    )
    factor = np.max(np.abs(got)) / max(np.max(np.abs(moved)), 1e-9)
    checks.that(
        factor < 100 or not np.allclose(got / factor, moved, rtol=1e-3, atol=1e-6),
        ko=f"`{name}`: 0 대신 아주 작은 수로 나누어, 상수 열의 처음 보는 값이 엄청나게 커집니다.",
        en=f"`{name}`: divided by a tiny number in place of 0, new values of a constant column become enormous.",
        misconception="tiny-number-for-zero",
    )


@contextmanager
def recognised(find):
    """As checks.misconception, for what takes another look: `find()` gives the name, or None, of a wrong answer that
    is found inside. It may ask the student; where that fails there is no name."""
    try:
        yield
    except Failed as failed:
        name = None
        if failed.verdict is Verdict.FAILED and failed.misconception is None:
            with suppress(Failed):
                name = find()
        if name is None:
            raise
        with checks.misconception(name):
            raise


def method(handle, attribute, name):
    """The handle of a method of an object in the box."""
    found = getattr(handle, attribute, None)
    checks.that(
        callable(found),
        ko=f"{name}의 결과에 `{attribute}` 메서드가 없습니다.",
        en=f"What {name} gives has no method `{attribute}`.",
    )
    return found
