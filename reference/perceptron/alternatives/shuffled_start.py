# %% [markdown]
# The perceptron starts at random weights and shuffles the examples in every epoch. Labels become -1 and 1 inside.

# %%
import random

import numpy as np


def step(z):
    result = np.zeros_like(z)
    result[z >= 0] = 1.0
    return result


def predict(X, w, b):
    return np.array([int(np.inner(w, row) >= -b) for row in X])


# %%
def perceptron_update(w, b, x, y, lr):
    sign = 2 * y - 1
    margin = sign * (w @ x + b)
    wrong = margin < 0 or (margin == 0 and sign < 0)
    return (w + lr * sign * x, b + lr * sign) if wrong else (w.copy(), b)


def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    n, d = X.shape
    w, b = np.random.uniform(-0.5, 0.5, size=d), random.uniform(-0.5, 0.5)
    mistakes, order = [], list(range(n))
    for epoch in range(max_epochs):
        random.shuffle(order)
        count = 0
        for i in order:
            before = b
            w, b = perceptron_update(w, b, X[i], y[i], lr)
            count += before != b
        mistakes.append(count)
        if count == 0:
            return w, b, mistakes
    return w, b, mistakes


# %%
def gate(name):
    if name == "NAND":
        w, b = gate("AND")
        return -w, -b
    return np.array([3.0, 2.0]), {"AND": -4.0, "OR": -1.5}[name]


def xor(X):
    answers = np.empty(len(X))
    for i, x in enumerate(X):
        one = x[None]
        either, both = predict(one, *gate("OR"))[0], predict(one, *gate("AND"))[0]
        answers[i] = predict(np.array([[either, 1.0 - both]]), *gate("AND"))[0]
    return answers


# %%
def mse(w, b, X, y):
    return np.linalg.norm(X @ w + b - y) ** 2 / X.shape[0]


def mse_grad(w, b, X, y):
    dw, db = np.zeros(X.shape[1]), 0.0
    for row, target in zip(X, y):
        e = row @ w + b - target
        dw += 2 * e * row
        db += 2 * e
    return dw / len(X), db / len(X)


def bce(w, b, X, y):
    z = X @ w + b
    z_right = np.where(y == 1, z, -z)  # large when confident and right
    return -np.mean(np.minimum(z_right, 0) - np.log1p(np.exp(-np.abs(z_right))))


def bce_grad(w, b, X, y):
    z = X @ w + b
    p = np.empty(len(z))
    p[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    p[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return np.einsum("i,ij->j", p - y, X) / len(y), np.average(p - y)


# %%
def gradient_descent(X, y, lr, epochs):
    def walk(w, b, left):
        if left == 0:
            return w, b, []
        dw, db = mse_grad(w, b, X, y)
        end_w, end_b, later = walk(w - lr * dw, b - lr * db, left - 1)
        return end_w, end_b, [mse(w, b, X, y), *later]

    return walk(np.zeros(X.shape[1]), 0.0, epochs)
