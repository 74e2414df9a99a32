# %% [markdown]
# torch in float32 throughout; answers are tensors.

# %%
import torch
import torch.nn.functional as F


def t(value):
    return torch.as_tensor(value).to(torch.float32)


# %%
def step(z):
    return (t(z) >= 0).to(torch.float32)


def predict(X, w, b):
    return step(t(X) @ t(w) + b)


def perceptron_update(w, b, x, y, lr):
    x, w = t(x), t(w)
    e = float(y) - step(torch.dot(w, x) + b)
    return w + lr * e * x, t(b) + lr * e


def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    X, y = t(X), t(y)
    w, b = torch.zeros(X.shape[1]), torch.tensor(0.0)
    mistakes = []
    for _ in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            new_w, new_b = perceptron_update(w, b, X[i], y[i], lr)
            wrong += int(not torch.equal(new_b, b))
            w, b = new_w, new_b
        mistakes.append(wrong)
        if not wrong:
            break
    return w, b, mistakes


# %%
def gate(name):
    w, b = {"AND": ([2, 2], -3), "OR": ([2, 2], -1), "NAND": ([-2, -2], 3)}[name]
    return torch.tensor(w, dtype=torch.float32), torch.tensor(float(b))


def xor(X):
    first = torch.stack([predict(X, *gate("NAND")), predict(X, *gate("OR"))], dim=1)
    return predict(first, *gate("AND"))


# %%
def mse(w, b, X, y):
    return F.mse_loss(t(X) @ t(w) + b, t(y))


def mse_grad(w, b, X, y):
    X = t(X)
    e = X @ t(w) + b - t(y)
    return 2 * (e[:, None] * X).mean(0), 2 * e.mean()


def bce(w, b, X, y):
    return F.binary_cross_entropy_with_logits(t(X) @ t(w) + b, t(y))


def bce_grad(w, b, X, y):
    X = t(X)
    e = torch.sigmoid(X @ t(w) + b) - t(y)
    return (e[:, None] * X).mean(0), e.mean()


# %%
def gradient_descent(X, y, lr, epochs):
    w, b, losses = torch.zeros(X.shape[1]), torch.tensor(0.0), []
    for _ in range(epochs):
        losses.append(mse(w, b, X, y).item())
        dw, db = mse_grad(w, b, X, y)
        w, b = w - lr * dw, b - lr * db
    return w, b, losses
