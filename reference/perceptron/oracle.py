"""What is right, computed in other ways than the solution does, and the data that the checks ask about.

Values come from plain loops over Python floats, logarithms from `log1p`, the path of gradient descent from
the closed form of a linear recursion, so that a slip in the solution is not repeated here.
"""

import math
from contextlib import contextmanager, suppress

import numpy as np

from grader.report import Verdict
from grader.suite import Curves, Failed, Regions, Text, checks

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TRUTH = {
    "AND": np.array([0.0, 0.0, 0.0, 1.0]),
    "OR": np.array([0.0, 1.0, 1.0, 1.0]),
    "NAND": np.array([1.0, 1.0, 1.0, 0.0]),
    "XOR": np.array([0.0, 1.0, 1.0, 0.0]),
}


# ---- the functions of the contract ----


def score(w, b, x):
    """w · x + b of one example, summed one product at a time."""
    return math.fsum([*(float(wi) * float(xi) for wi, xi in zip(w, x, strict=True)), float(b)])


def scores(w, b, X):
    return [score(w, b, x) for x in X]


def step(z):
    z = np.asarray(z, dtype=np.float64)
    return np.array([1.0 if value >= 0 else 0.0 for value in z.ravel()]).reshape(z.shape)


def predict(X, w, b):
    return np.array([1.0 if z >= 0 else 0.0 for z in scores(w, b, X)])


def perceptron_update(w, b, x, y, lr):
    guess = 1.0 if score(w, b, x) >= 0 else 0.0
    if guess == y:
        return np.array(w), float(b)
    sign = 1.0 if y == 1 else -1.0
    return np.array([wi + sign * lr * xi for wi, xi in zip(w, x, strict=True)]), float(b + sign * lr)


def mse(w, b, X, y):
    return math.fsum((z - t) ** 2 for z, t in zip(scores(w, b, X), y, strict=True)) / len(y)


def mse_grad(w, b, X, y):
    residuals = [z - t for z, t in zip(scores(w, b, X), y, strict=True)]
    return _weighted(X, [2.0 * r for r in residuals])


def bce(w, b, X, y):
    return math.fsum(_log_loss(z, t) for z, t in zip(scores(w, b, X), y, strict=True)) / len(y)


def bce_grad(w, b, X, y):
    return _weighted(X, [_sigmoid(z) - t for z, t in zip(scores(w, b, X), y, strict=True)])


def gradient_descent(X, y, lr, epochs):
    """A step is linear in θ = (w, b), so t steps are a matrix power: θ_t = θ* - (I - lr·H)^t θ*."""
    A = np.column_stack([X, np.ones(len(X))])
    best = least_squares(X, y)
    shrink = np.eye(A.shape[1]) - lr * 2.0 / len(X) * A.T @ A
    path = [best - np.linalg.matrix_power(shrink, t) @ best for t in range(epochs + 1)]
    losses = [mse(theta[:-1], theta[-1], X, y) for theta in path[:-1]]
    return path[-1][:-1], float(path[-1][-1]), np.array(losses)


# ---- tools of the judge ----


def least_squares(X, y):
    """θ* = (w, b) of the best line, from the normal equations."""
    A = np.column_stack([X, np.ones(len(X))])
    return np.linalg.solve(A.T @ A, A.T @ y)


def separates(w, b, X, y):
    """Whether every example lies on its side. A score within rounding error of 0 counts for both sides, since
    the order of a sum decides it."""
    for x, target in zip(X, y, strict=True):
        z = score(w, b, x)
        size = math.fsum([*(abs(wi * xi) for wi, xi in zip(w, x, strict=True)), abs(b)])
        on_the_line = z != 0 and abs(z) <= 1e-6 * size
        if not on_the_line and (z >= 0) != (target == 1):
            return False
    return True


def realizes(w, b, name):
    """Whether a unit computes the gate `name`; rounding such as 0.1 + 0.2 - 0.3 is forgiven."""
    return separates(w, b, CORNERS, TRUTH[name])


def _weighted(X, factors):
    """Mean over examples of factor · (x, 1)."""
    n, d = X.shape
    dw = [math.fsum(factors[i] * X[i, j] for i in range(n)) / n for j in range(d)]
    return np.array(dw), math.fsum(factors) / n


def _log_loss(z, target):
    """-log of the probability given to the right class."""
    against = -z if target == 1 else z
    return max(against, 0.0) + math.log1p(math.exp(-abs(against)))


def _sigmoid(z):
    return 0.5 * (1.0 + math.tanh(0.5 * z))


# ---- data ----


def regression(seed, n=9, d=3):
    """(w, b, X, y): a point and data for linear regression, no value special."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) + 0.3
    y = X @ rng.normal(size=d) + 1.5 + 0.4 * rng.normal(size=n)
    return rng.normal(size=d), float(rng.normal() + 0.7), X, y


def classification(seed, n=9, d=3):
    """(w, b, X, y): all numbers are eighths, which float32 holds exactly; |z| stays small."""
    rng = np.random.default_rng(seed)
    X = _eighths(rng.normal(size=(n, d)))
    w = _eighths(rng.normal(size=d) * 1.2)
    b = float(_eighths(rng.normal() + 0.8))
    y = np.array([1.0, 0.0, 0.0, *rng.integers(0, 2, size=n)])[:n]
    return w, b, X, y


def lines(seed, n, d):
    """(X, w, b) for predictions: scores of both signs, none near 0."""
    rng = np.random.default_rng(seed)
    while True:
        X, w, b = rng.normal(size=(n, d)), rng.normal(size=d), float(rng.normal())
        z = np.array(scores(w, b, X))
        if np.abs(z).min() > 0.05 and (n == 1 or 0 < (z > 0).sum() < n):
            return X, w, b


def separable(seed, n=24, d=3, margin=0.9):
    """(X, y): two classes with a gap of twice `margin` between them; the line misses the origin."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=d)
    normal /= np.linalg.norm(normal)
    y = (np.arange(n) % 2).astype(float)
    rng.shuffle(y)
    side = 2.0 * y - 1.0
    X = rng.normal(size=(n, d))
    along = side * (margin + np.abs(rng.normal(size=n)) * 0.7) + 0.5
    X += np.outer(along - X @ normal, normal)
    return X, y


def mistaken(seed, target, d=4):
    """(w, b, x, y, lr) where the prediction is wrong and the right answer is `target`."""
    rng = np.random.default_rng(seed)
    while True:
        w, x, b = rng.normal(size=d), rng.normal(size=d), float(rng.normal())
        z = score(w, b, x)
        if abs(z) > 0.2 and (z < 0) == (target == 1):
            return w, b, x, float(target), float(rng.uniform(0.05, 0.6))


def confident(target, right):
    """A list of (w, b, X, y), one example each, with |z| = 12 to 30 on the right side or on the wrong one."""
    sign = 1.0 if (target == 1) == right else -1.0
    parts = [(8.0, 2.0, 2.0), (10.0, 5.0, 3.0), (16.0, 8.0, 3.0), (12.0, 12.0, 6.0)]
    return [
        (sign * np.array([a, c]), sign * bias, np.array([[1.0, 1.0]]), np.array([float(target)]))
        for a, c, bias in parts
    ]


def _eighths(values):
    return np.round(np.asarray(values) * 8.0) / 8.0

# ---- what misconceptions lead to: (id, function of a case) ----


def signed(z):
    return 2.0 * step(z) - 1.0


def strict(z):
    """A step that says 0 at 0."""
    return 1.0 - step(-np.asarray(z, dtype=np.float64))


STEP_MISTAKES = (("signed-classes", signed), ("strict-step", strict))

PREDICT_MISTAKES = (
    ("missing-bias", lambda X, w, b: predict(X, w, 0.0)),
    ("strict-step", lambda X, w, b: strict(scores(w, b, X))),
    ("signed-classes", lambda X, w, b: signed(scores(w, b, X))),
    ("score-for-prediction", lambda X, w, b: np.array(scores(w, b, X))),
    ("column-or-vector", lambda X, w, b: predict(X, w, b).reshape(-1, 1)),
    ("column-or-vector", lambda X, w, b: predict(X, w, b).reshape(1, -1)),
    ("squeezed-single-example", lambda X, w, b: np.squeeze(predict(X, w, b))),
)


def _moved(w, b, x, by):
    return np.array(w) + by * np.array(x), float(b + by)


def _error(w, b, x, y, guess=step):
    return float(y - guess(score(w, b, x)))


UPDATE_MISTAKES = (
    ("strict-step", lambda w, b, x, y, lr: _moved(w, b, x, lr * _error(w, b, x, y, strict))),
    ("backward-update", lambda w, b, x, y, lr: _moved(w, b, x, -lr * _error(w, b, x, y))),
    ("update-signed-labels", lambda w, b, x, y, lr: _moved(w, b, x, lr * y * abs(_error(w, b, x, y)))),
    ("hebbian-update", lambda w, b, x, y, lr: _moved(w, b, x, lr * y)),
    ("hebbian-update", lambda w, b, x, y, lr: _moved(w, b, x, lr * (2 * y - 1))),
    ("score-for-prediction", lambda w, b, x, y, lr: _moved(w, b, x, lr * (y - score(w, b, x)))),
    ("missing-bias", lambda w, b, x, y, lr: (perceptron_update(w, b, x, y, lr)[0], float(b))),
    ("no-learning-rate", lambda w, b, x, y, lr: perceptron_update(w, b, x, y, 1.0)),
)

MSE_MISTAKES = (
    ("broadcast-column", lambda w, b, X, y: float(np.mean(np.subtract.outer(scores(w, b, X), y) ** 2))),
    ("loss-summed", lambda w, b, X, y: mse(w, b, X, y) * len(y)),
    ("factor-of-two", lambda w, b, X, y: mse(w, b, X, y) / 2),
    ("rmse-for-mse", lambda w, b, X, y: math.sqrt(mse(w, b, X, y))),
    ("missing-bias", lambda w, b, X, y: mse(w, 0.0, X, y)),
)


def _one_term(w, b, X, y, target):
    """Only the examples of one class are counted, but the mean is over all."""
    return math.fsum(_log_loss(z, t) for z, t in zip(scores(w, b, X), y, strict=True) if t == target) / len(y)


def _squared(w, b, X, y):
    return math.fsum((_sigmoid(z) - t) ** 2 for z, t in zip(scores(w, b, X), y, strict=True)) / len(y)


BCE_MISTAKES = (
    ("one-term-cross-entropy", lambda w, b, X, y: _one_term(w, b, X, y, 1)),
    ("one-term-cross-entropy", lambda w, b, X, y: _one_term(w, b, X, y, 0)),
    ("wrong-log-base", lambda w, b, X, y: bce(w, b, X, y) / math.log(2)),
    ("wrong-log-base", lambda w, b, X, y: bce(w, b, X, y) / math.log(10)),
    ("loss-summed", lambda w, b, X, y: bce(w, b, X, y) * len(y)),
    ("squared-error-for-cross-entropy", _squared),
    ("missing-bias", lambda w, b, X, y: bce(w, 0.0, X, y)),
)


def _walk(X, y, lr, epochs, move):
    """(w, b, losses) of a descent whose step is `move(w, b)`, the gradient times lr."""
    w, b, losses = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        losses.append(mse(w, b, X, y))
        w, b = move(w, b)
    return w, float(b), np.array(losses)


def _after_the_step(X, y, lr, epochs):
    w, b, _ = gradient_descent(X, y, lr, epochs)
    return w, b, gradient_descent(X, y, lr, epochs + 1)[2][1:]


def _w_then_b(X, y, lr, epochs):
    def move(w, b):
        w = w - lr * mse_grad(w, b, X, y)[0]
        return w, b - lr * mse_grad(w, b, X, y)[1]

    return _walk(X, y, lr, epochs, move)


def _b_then_w(X, y, lr, epochs):
    def move(w, b):
        b = b - lr * mse_grad(w, b, X, y)[1]
        return w - lr * mse_grad(w, b, X, y)[0], b

    return _walk(X, y, lr, epochs, move)


def _with_first_gradient(X, y, lr, epochs):
    dw, db = mse_grad(np.zeros(X.shape[1]), 0.0, X, y)
    return _walk(X, y, lr, epochs, lambda w, b: (w - lr * dw, b - lr * db))


DESCENT_MISTAKES = (
    ("loss-after-step", _after_the_step),
    ("sequential-update", _w_then_b),
    ("sequential-update", _b_then_w),
    ("stale-gradient", _with_first_gradient),
    ("no-learning-rate", lambda X, y, lr, epochs: gradient_descent(X, y, 1.0, epochs)),
)


def gate_mistake(w, b, name):
    """What a wrong unit for a gate shows."""
    if all((score(w, b, x) > 0) == (target == 1) for x, target in zip(CORNERS, TRUTH[name], strict=True)):
        return "strict-step"
    other = {"AND": "OR", "OR": "AND"}.get(name)
    if other and realizes(w, b, other):
        return "and-or-swapped"
    if name == "NAND" and (realizes(-np.array(w), b, "AND") or realizes(w, -b, "AND")):
        return "half-negated-unit"
    return None


# ---- signs of a misconception ----


@contextmanager
def recognised(find):
    """As checks.misconception, for what takes another look: `find()` gives the name, or None, of a wrong answer
    that is found inside. It may ask the student; where that fails there is no name."""
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


def told_by(answers, cases, mistakes, rtol=1e-4, atol=1e-6):
    """The id of the first of `mistakes`, (id, function of a case), that gives all answers as they are."""
    for name, mistaken in mistakes:
        if all(is_like(got, mistaken(*case), rtol, atol) for got, case in zip(answers, cases, strict=True)):
            return name
    return None


def is_like(got, expected, rtol=1e-4, atol=1e-6):
    """Whether an answer, whatever it is, has these values; `expected` is a number, an array, a dict or a tuple."""
    try:
        if isinstance(expected, dict):
            parts = checks.mapping(got, expected, name="")
            return all(is_like(parts[key], expected[key], rtol, atol) for key in expected)
        if isinstance(expected, tuple):
            parts = checks.unpack(got, len(expected), name="")
            return all(is_like(part, value, rtol, atol) for part, value in zip(parts, expected, strict=True))
        checks.array(got, expected, name="", rtol=rtol, atol=atol)
    except Failed:
        return False
    return True


def is_finite(got):
    """Whether an answer, whatever it is, is made of finite numbers."""
    try:
        checks.finite(got, name="")
    except Failed:
        return False
    return True


# ---- pictures ----


def draw_line(student, pictures):
    """Where fit_perceptron draws its line, in data made for this picture; nothing where that does not work."""
    X, y = separable(49, 30, 2, margin=0.5)
    low, high = X.min(axis=0) - 0.4, X.max(axis=0) + 0.4
    side = [np.linspace(low[i], high[i], 41) for i in (0, 1)]
    grid = np.stack(np.meshgrid(*side), axis=-1).reshape(-1, 2)
    try:
        w, b, _ = checks.unpack(student.fit_perceptron(X, y, lr=0.1, max_epochs=200), 3, name="")
        w, b = checks.shape(w, (2,), name=""), float(checks.shape(b, (), name=""))
        said = checks.shape(student.predict(grid, w, b), (41 * 41,), name="")
    except Failed:
        return
    title = Text("fit_perceptron이 그은 결정 경계", "The decision boundary of fit_perceptron")
    points = [(float(x[0]), float(x[1]), int(label)) for x, label in zip(X, y, strict=True)]
    width, height = ((float(low[i]), float(high[i])) for i in (0, 1))
    pictures.add(Regions("perceptron-line", title, width, height, said.reshape(41, 41).tolist(), points))


def draw_descent(losses, pictures):
    title = Text("경사 하강법의 손실 곡선", "The loss curve of gradient descent")
    line = {Text("gradient_descent의 손실", "losses of gradient_descent"): losses}
    epoch, loss = Text("에폭", "epoch"), Text("평균 제곱 오차", "mean squared error")
    pictures.add(Curves.of("descent-loss", title, epoch, loss, line, log=True))
