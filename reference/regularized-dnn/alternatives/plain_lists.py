# %% [markdown]
# 반복문과 리스트로 / Loops and lists where no tensor is needed

# %%
import math
import random

import torch
import torch.nn as nn

# %%
def columns(X):
    return list(zip(*[[float(v) for v in row] for row in X]))


def rows(cols):
    return [list(row) for row in zip(*cols)]


def min_max_fit(X):
    return [min(c) for c in columns(X)], [max(c) for c in columns(X)]


def min_max_apply(X, lo, hi):
    out = []
    for c, a, b in zip(columns(X), lo, hi):
        out.append([0.0] * len(c) if a == b else [(v - a) / (b - a) for v in c])
    return rows(out)


def standardize_fit(X):
    means, stds = [], []
    for c in columns(X):
        m = sum(c) / len(c)
        means.append(m)
        stds.append(math.sqrt(sum((v - m) ** 2 for v in c) / len(c)))
    return means, stds


def standardize_apply(X, mean, std):
    out = []
    for c, m, s in zip(columns(X), mean, std):
        out.append([(v - m) / s for v in c] if s else [0.0 for v in c])
    return rows(out)

# %%
def kfold_indices(n, k, seed):
    deck = list(range(n))
    random.Random(seed).shuffle(deck)
    folds = [sorted(deck[i::k]) for i in range(k)]
    return [([j for j in range(n) if j not in set(fold)], fold) for fold in folds]


def init_weight(n_in, n_out, kind, seed):
    dice = random.Random(seed)
    if kind == "xavier":
        s = math.sqrt(2.0 / (n_in + n_out))
    elif kind == "he":
        s = math.sqrt(2.0 / n_in)
    else:
        raise ValueError(kind)
    return torch.tensor([[dice.gauss(0, s) for _ in range(n_in)] for _ in range(n_out)])

# %%
def l1_penalty(params, lam):
    total = torch.zeros(())
    for p in params:
        total = total + torch.sum(torch.abs(p))
    return lam * total


def l2_penalty(params, lam):
    total = torch.zeros(())
    for p in params:
        total = total + torch.sum(p * p)
    return lam * total


def dropout(x, p, training, generator):
    if training:
        coins = torch.rand(x.numel(), generator=generator).reshape(x.shape)
        return torch.where(coins < p, torch.zeros_like(x), x / (1 - p))
    return x


def batch_norm(x, gamma, beta, eps=1e-5):
    out = []
    for j in range(x.shape[1]):
        c = x[:, j]
        m = c.sum() / len(c)
        v = ((c - m) * (c - m)).sum() / len(c)
        out.append(gamma[j] * (c - m) * (v + eps).rsqrt() + beta[j])
    return torch.stack(out, dim=1)


class EarlyStopping(object):
    best_loss = math.inf
    best_epoch = 0

    def __init__(self, patience, min_delta=0.0):
        self.p = patience
        self.d = min_delta
        self.n = 0
        self.strikes = 0

    def step(self, val_loss):
        if val_loss < self.best_loss - self.d:
            self.best_loss = val_loss
            self.best_epoch = self.n
            self.strikes = 0
        else:
            self.strikes = self.strikes + 1
        self.n = self.n + 1
        if self.strikes == self.p:
            return True
        return False

# %%
class Wide(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(n_in, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(p=0.5),
                                     nn.Linear(256, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(p=0.3),
                                     nn.Linear(64, n_classes)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def build_model(n_in, n_classes):
    return Wide(n_in, n_classes)


def fit(X_train, y_train, X_val, y_val, seed):
    """Three nets that vote; the scaler comes back beside them."""
    torch.manual_seed(seed)
    random.seed(seed)
    lo, hi = min_max_fit(X_train.tolist())
    X = torch.tensor(min_max_apply(X_train.tolist(), lo, hi))
    nets = []
    for member in range(3):
        net = build_model(64, 10)
        optimizer = torch.optim.Adam(net.parameters(), lr=0.004)
        for epoch in range(25):
            deck = list(range(len(X)))
            random.shuffle(deck)
            for start in range(0, len(deck), 50):
                take = deck[start:start + 50]
                optimizer.zero_grad()
                loss = nn.CrossEntropyLoss()(net(X[take]), y_train[take])
                loss = loss + l2_penalty([w for w in net.parameters() if w.dim() > 1], 2e-4)
                loss.backward()
                optimizer.step()
        net.eval()
        nets.append(net)
    return nets, lo, hi


def predict(model, X):
    nets, lo, hi = model
    X = torch.tensor(min_max_apply(X.tolist(), lo, hi))
    with torch.no_grad():
        votes = sum(torch.softmax(net(X), dim=1) for net in nets)
    return [int(v.argmax()) for v in votes]
