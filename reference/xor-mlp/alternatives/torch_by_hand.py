# %% [markdown]
# torch의 텐서로, 그러나 미분은 손으로 / Torch tensors everywhere, the derivatives by hand

# %%
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn, optim

# %%
def t(value) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64).detach()


def sigmoid(z) -> Tensor:
    return torch.sigmoid(t(z))


def sigmoid_grad(z) -> Tensor:
    return sigmoid(z) * sigmoid(-t(z))


# %%
def init_params(n_in, n_hidden, n_out, seed):
    generator = torch.Generator().manual_seed(seed)
    # Xavier, float32
    def xavier(rows, columns):
        limit = (6 / (rows + columns)) ** 0.5
        return torch.rand(rows, columns, generator=generator) * 2 * limit - limit
    return dict(
        b1=torch.zeros(n_hidden),
        b2=torch.zeros(n_out),
        W1=xavier(n_in, n_hidden),
        W2=xavier(n_hidden, n_out),
    )


# %%
@torch.no_grad()
def logits(params, X):
    hidden = torch.tanh(torch.addmm(t(params["b1"]), t(X), t(params["W1"])))
    return hidden, torch.addmm(t(params["b2"]), hidden, t(params["W2"]))


def forward(params, X):
    return torch.sigmoid(logits(params, X)[1]).float()  # float32 on purpose


def loss(params, X, y):
    return F.binary_cross_entropy_with_logits(logits(params, X)[1], t(y))


@torch.no_grad()
def backward(params, X, y):
    hidden, out = logits(params, X)
    delta = (torch.sigmoid(out) - t(y)).div(len(X))
    below = delta.mm(t(params["W2"]).t()).mul(1 - hidden.square())
    return {"b2": delta.sum(0), "W2": hidden.t().mm(delta), "b1": below.sum(0), "W1": t(X).t().mm(below)}


def train(params, X, y, lr, epochs):
    params = {key: t(value).clone() for key, value in params.items()}
    losses = []
    for epoch in range(epochs):
        losses.append(loss(params, X, y).item())
        for key, slope in backward(params, X, y).items():
            params[key] -= lr * slope  # our own copies
    return params, losses


# %%
class Net(nn.Module):
    def __init__(self, n_hidden):
        super().__init__()
        self.inner = nn.Linear(2, n_hidden)
        self.outer = nn.Linear(n_hidden, 1)
        nn.init.zeros_(self.outer.weight)  # an output layer may start at zero
        nn.init.zeros_(self.outer.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.outer(F.gelu(self.inner(x)))


def build_model(n_hidden=8):
    return Net(n_hidden)


def train_model(model, X, y, epochs, lr):
    optimizer = optim.LBFGS(model.parameters(), lr=1.0, max_iter=4, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = F.binary_cross_entropy_with_logits(model(X), y)
        value.backward()
        return value

    return [float(optimizer.step(closure)) for _ in range(epochs)]


# %%
def gradient_norms(depth, activation, seed):
    torch.manual_seed(seed)
    phi = {"sigmoid": torch.sigmoid, "relu": torch.relu}[activation]
    gain = {"sigmoid": 1.0, "relu": 2.0**0.5}[activation]
    sizes = [2] + [16] * depth
    weights = [torch.randn(b, a) * gain / a**0.5 for a, b in zip(sizes, sizes[1:])]
    weights = [w.requires_grad_() for w in weights]
    out = (torch.randn(1, 16) / 4).requires_grad_()
    h = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
    for w in weights:
        h = phi(h @ w.T)
    value = F.binary_cross_entropy_with_logits(h @ out.T, y)
    return [g.norm() for g in torch.autograd.grad(value, weights)]
