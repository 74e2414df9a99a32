"""What is right, computed in other ways than the solution does, and the data that the checks ask about.

Values come from plain loops over Python floats, logarithms from `log1p`, the path of gradient descent from
the closed form of a linear recursion, so that a slip in the solution is not repeated here.
"""

import math

import numpy as np

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
