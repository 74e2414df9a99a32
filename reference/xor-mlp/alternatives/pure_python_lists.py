# %% [markdown]
# 넘파이 없이 반복문과 리스트로 / Loops and lists, no numpy in the numpy part

# %%
import math
import random

import torch
import torch.nn as nn

# %%
def each(function, z):
    """Apply to every number of a nested list."""
    try:
        return [each(function, item) for item in z]
    except TypeError:
        return function(float(z))


def sigmoid(z):
    def one(value):
        if value >= 0:
            return 1.0 / (1.0 + math.exp(-value))
        e = math.exp(value)
        return e / (1.0 + e)
    return each(one, z)


def sigmoid_grad(z):
    return each(lambda value: sigmoid(value) * (1.0 - sigmoid(value)), z)

# %%
def init_params(n_in, n_hidden, n_out, seed):
    dice = random.Random(seed)
    return {
        "W1": [[dice.gauss(0, 1) for _ in range(n_hidden)] for _ in range(n_in)],
        "b1": [0.0] * n_hidden,
        "W2": [[dice.gauss(0, 1) for _ in range(n_out)] for _ in range(n_hidden)],
        "b2": [0.0] * n_out,
    }

# %%
def hidden_layer(params, x):
    W1, b1 = params["W1"], params["b1"]
    return [math.tanh(sum(x[i] * W1[i][j] for i in range(len(x))) + b1[j]) for j in range(len(b1))]


def logits(params, h):
    W2, b2 = params["W2"], params["b2"]
    return [sum(h[j] * W2[j][k] for j in range(len(h))) + b2[k] for k in range(len(b2))]


def forward(params, X):
    return [sigmoid(logits(params, hidden_layer(params, x))) for x in X]


def loss(params, X, y):
    total = 0.0
    for p, target in zip(forward(params, X), y):
        p = min(max(p[0], 1e-7), 1 - 1e-7)
        total -= math.log(p) if target[0] > 0.5 else math.log(1 - p)
    return total / len(X)

# %%
def backward(params, X, y):
    d, h, n = len(params["W1"]), len(params["b1"]), len(X)
    dW1 = [[0.0] * h for _ in range(d)]
    db1 = [0.0] * h
    dW2 = [[0.0] for _ in range(h)]
    db2 = [0.0]
    for x, target in zip(X, y):
        hidden = hidden_layer(params, x)
        error = (sigmoid(logits(params, hidden))[0] - float(target[0])) / n
        db2[0] += error
        for j in range(h):
            dW2[j][0] += error * hidden[j]
            back = error * float(params["W2"][j][0]) * (1 - hidden[j] * hidden[j])
            db1[j] += back
            for i in range(d):
                dW1[i][j] += back * float(x[i])
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

# %%
def step(value, slope, lr):
    if isinstance(slope, list):
        return [step(v, s, lr) for v, s in zip(value, slope)]
    return float(value) - lr * slope


def train(params, X, y, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        slopes = backward(params, X, y)
        params = {key: step(params[key], slopes[key], lr) for key in params}
    return params, losses

# %%
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))


def train_model(model, X, y, epochs, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    bce = nn.BCEWithLogitsLoss()
    history = []
    for _ in range(epochs):
        output = bce(model(X), y)
        history.append(float(output))
        optimizer.zero_grad()
        output.backward()
        optimizer.step()
    return history

# %%
def gradient_norms(depth, activation, seed):
    torch.manual_seed(seed)
    layers = nn.ModuleList([nn.Linear(2 if i == 0 else 16, 16) for i in range(depth)])
    last = nn.Linear(16, 1)
    h = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    for layer in layers:
        h = torch.sigmoid(layer(h)) if activation == "sigmoid" else torch.relu(layer(h))
    nn.BCEWithLogitsLoss()(last(h), torch.tensor([[0.0], [1], [1], [0]])).backward()
    return [math.sqrt(sum(float(g) ** 2 for g in layer.weight.grad.flatten())) for layer in layers]
