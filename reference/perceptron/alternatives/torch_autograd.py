# %% [markdown]
# torch in float64, gradients by autograd, a Linear layer trained by an optimizer, answers back in numpy.

# %%
import numpy as np
import torch
from torch import nn

double = torch.float64


def tensors(*values):
    return [torch.tensor(np.asarray(value), dtype=double) for value in values]


# %%
def step(z):
    (z,) = tensors(z)
    return torch.heaviside(z, torch.ones((), dtype=double)).numpy()


def predict(X, w, b):
    X, w = tensors(X, w)
    return (torch.mv(X, w) + b).ge(0).int().numpy()


def perceptron_update(w, b, x, y, lr):
    w, b = np.array(w, dtype=float), np.float64(b)
    match int(y) - int(predict(np.atleast_2d(x), w, b)[0]):
        case 1:
            return w + lr * x, b + lr
        case -1:
            return w - lr * x, b - lr
    return w, b


def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        history.append(0)
        for x, target in zip(X, y):
            if predict(x[np.newaxis], w, b).item() != target:
                history[-1] += 1
                w, b = perceptron_update(w, b, x, target, lr)
        if history[-1] == 0:
            break
    return w, b, np.array(history)


# %%
def gate(name):
    sign = -1.0 if name == "NAND" else 1.0
    threshold = 1.0 if name == "OR" else 1.75
    return sign * np.ones(2), -sign * threshold if sign > 0 else threshold


def xor(X):
    nand, either = predict(X, *gate("NAND")), predict(X, *gate("OR"))
    return predict(np.stack([nand, either], axis=-1), *gate("AND"))


# %%
def value_and_grad(criterion, w, b, X, y):
    w, b, X, y = tensors(w, b, X, y)
    w.requires_grad_()
    b.requires_grad_()
    loss = criterion(X @ w + b, y)
    loss.backward()
    return loss.item(), (w.grad.numpy(), b.grad.item())


def mse(w, b, X, y):
    return value_and_grad(nn.MSELoss(), w, b, X, y)[0]


def mse_grad(w, b, X, y):
    return value_and_grad(nn.MSELoss(), w, b, X, y)[1]


def bce(w, b, X, y):
    return value_and_grad(nn.BCEWithLogitsLoss(), w, b, X, y)[0]


def bce_grad(w, b, X, y):
    return value_and_grad(nn.BCEWithLogitsLoss(), w, b, X, y)[1]


# %%
def gradient_descent(X, y, lr, epochs):
    X, y = tensors(X, y)
    line = nn.Linear(X.shape[1], 1, dtype=double)
    nn.init.zeros_(line.weight)
    nn.init.zeros_(line.bias)
    sgd, losses = torch.optim.SGD(line.parameters(), lr=lr), []
    for _ in range(epochs):
        loss = nn.functional.mse_loss(line(X).squeeze(1), y)
        losses.append(loss.detach().numpy())
        sgd.zero_grad()
        loss.backward()
        sgd.step()
    return line.weight.detach()[0], line.bias.detach()[0], losses
