"""Ten checks of the student's names. Each takes what it asks about, and raises AssertionError where it is wrong.

The same source goes to every grader: a function here is a hidden test of ours, a test case of otter's, and a
test cell of nbgrader's.
"""

from __future__ import annotations

import numpy as np


def sigmoid_values(sigmoid):
    z = np.linspace(-8, 8, 33)
    assert np.allclose(sigmoid(z), 0.5 * (1 + np.tanh(z / 2)))


def sigmoid_far_out(sigmoid):
    assert np.isfinite(sigmoid(np.array([-800.0, 800.0]))).all()


def forward_shape(forward):
    rng = np.random.default_rng(1)
    net = {"W1": rng.normal(size=(3, 5)), "b1": rng.normal(size=5), "W2": rng.normal(size=(5, 1)), "b2": np.ones(1)}
    assert np.shape(forward(net, rng.normal(size=(7, 3)))) == (7, 1)


def forward_values(forward):
    rng = np.random.default_rng(2)
    net = {"W1": rng.normal(size=(2, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 1)), "b2": np.ones(1)}
    X = rng.normal(size=(6, 2))
    logits = np.tanh(X @ net["W1"] + net["b1"]) @ net["W2"] + net["b2"]
    assert np.allclose(forward(net, X), 0.5 * (1 + np.tanh(logits / 2)))


def loss_value(loss):
    net = {"W1": np.zeros((2, 4)), "b1": np.zeros(4), "W2": np.zeros((4, 1)), "b2": np.zeros(1)}
    X, y = np.ones((3, 2)), np.array([[0.0], [1.0], [1.0]])
    assert abs(loss(net, X, y) - np.log(2)) < 1e-9


def backward_shapes(backward):
    rng = np.random.default_rng(3)
    net = {"W1": rng.normal(size=(2, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 1)), "b2": np.ones(1)}
    slopes = backward(net, rng.normal(size=(5, 2)), np.ones((5, 1)))
    assert {key: np.shape(value) for key, value in slopes.items()} == {k: v.shape for k, v in net.items()}


def backward_values(backward, loss):
    rng = np.random.default_rng(4)
    net = {"W1": rng.normal(size=(2, 4)), "b1": rng.normal(size=4), "W2": rng.normal(size=(4, 1)), "b2": np.ones(1)}
    X, y = rng.normal(size=(5, 2)), np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    slopes = backward(net, X, y)
    for key, value in net.items():
        for index in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[index] = 1e-5
            up = loss({**net, key: value + step}, X, y)
            down = loss({**net, key: value - step}, X, y)
            assert abs((up - down) / 2e-5 - slopes[key][index]) < 1e-6


def backward_pure(backward):
    rng = np.random.default_rng(5)
    net = {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 1)), "b2": np.ones(1)}
    X, y = rng.normal(size=(4, 2)), np.ones((4, 1))
    first, again = backward(net, X, y), backward(net, X, y)
    assert all(np.array_equal(first[key], again[key]) for key in net)


def train_learns(losses):
    assert losses[-1] < 0.05 < losses[0]


def train_solves(forward, params):
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    assert np.array_equal(np.round(forward(params, X)).ravel(), [0, 1, 1, 0])
