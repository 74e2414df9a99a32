# %% [markdown]
# Terse and vectorised: the bias rides along as one more feature, losses are objects, functions are thin.

# %%
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

bias1 = lambda X: np.c_[X, np.ones(len(X))]
split = lambda theta: (theta[:-1], theta[-1])

# %%
step = lambda z: np.heaviside(z, 1.0)
predict = lambda X, w, b: step(bias1(X) @ np.r_[w, b])


# %%
@dataclass
class Unit:
    theta: np.ndarray

    def fires(self, row: np.ndarray) -> float:
        return float(self.theta @ row >= 0)

    def learn(self, row: np.ndarray, y: float, lr: float) -> bool:
        e = y - self.fires(row)
        self.theta = self.theta + lr * e * row
        return bool(e)


def perceptron_update(w, b, x, y, lr):
    unit = Unit(np.r_[w, b])
    unit.learn(np.r_[x, 1.0], y, lr)
    return split(unit.theta)


def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    unit, mistakes = Unit(np.zeros(X.shape[1] + 1)), []
    for _ in range(max_epochs):
        mistakes += [sum(unit.learn(row, t, lr) for row, t in zip(bias1(X), y))]
        if not mistakes[-1]:
            break
    return *split(unit.theta), mistakes


# %%
def gate(name):
    # whole numbers, right on the boundary on purpose
    return {"AND": ((1, 1), -2), "OR": ((1, 1), -1), "NAND": ((-1, -1), 1)}[name]


def xor(X):
    layers = [("OR", "NAND"), ("AND",)]
    for layer in layers:
        X = np.stack([predict(X, *gate(name)) for name in layer], axis=1)
    return X.ravel()


# %%
@dataclass(frozen=True)
class Loss:
    value: Callable
    slope: Callable  # with respect to the score

    def __call__(self, w, b, X, y):
        return self.value(X @ w + b, y).mean()

    def grad(self, w, b, X, y):
        return split(bias1(X).T @ self.slope(X @ w + b, y) / len(y))


squared = Loss(lambda z, y: (z - y) ** 2, lambda z, y: 2 * (z - y))
logistic = Loss(
    lambda z, y: np.maximum(z, 0) - z * y + np.log1p(np.exp(-abs(z))),
    lambda z, y: np.exp(-np.logaddexp(0, -z)) - y,
)
mse, mse_grad, bce, bce_grad = squared, squared.grad, logistic, logistic.grad


# %%
def gradient_descent(X, y, lr, epochs):
    A, theta, losses = bias1(X), np.zeros(X.shape[1] + 1), np.empty(epochs)
    for t in range(epochs):
        r = A @ theta - y
        losses[t] = r @ r / len(y)
        theta = theta - 2 * lr / len(y) * (r @ A)
    return *split(theta), losses
