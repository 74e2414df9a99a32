# %% [markdown]
# 모두 torch 텐서로, 스케일러는 모델의 층으로 / Torch tensors everywhere; the scaler is a layer of the model

# %%
from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# %%
def t(value) -> Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def min_max_fit(X):
    lo, hi = torch.aminmax(t(X), dim=0)
    return lo, hi


def min_max_apply(X, lo, hi):
    span = t(hi) - t(lo)
    return torch.nan_to_num((t(X) - t(lo)) / torch.where(span == 0, torch.inf, span))


def standardize_fit(X):
    var, mean = torch.var_mean(t(X), dim=0, correction=0)
    return mean, var.sqrt()


def standardize_apply(X, mean, std):
    std = t(std)
    return (t(X) - t(mean)) * torch.where(std > 0, 1 / std, torch.zeros_like(std))


# %%
def kfold_indices(n, k, seed):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed))
    return [(torch.cat([o for j, o in enumerate(order.tensor_split(k)) if j != i]), fold)
            for i, fold in enumerate(order.tensor_split(k))]


def init_weight(n_in, n_out, kind, seed):
    w = torch.empty(n_out, n_in)
    g = torch.Generator().manual_seed(seed)
    if kind == "xavier":
        return nn.init.xavier_normal_(w, generator=g)
    return nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g)


def l1_penalty(params, lam):
    return lam * torch.cat([p.flatten() for p in params]).norm(1)


def l2_penalty(params, lam):
    flat = torch.cat([p.flatten() for p in params])
    return lam * flat.dot(flat)


def dropout(x, p, training, generator):
    if not training:
        return x
    keep = torch.bernoulli(torch.full_like(x, 1 - p, requires_grad=False), generator=generator)
    return x.mul(keep).div(1 - p)


def batch_norm(x, gamma, beta, eps=1e-5):
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta, self.losses = patience, min_delta, []
        self.best_epoch = 0

    @property
    def best_loss(self):
        return self.losses[self.best_epoch] if self.losses else float("inf")

    def step(self, val_loss):
        better = not self.losses or val_loss < self.best_loss - self.min_delta
        self.losses.append(val_loss)
        if better:
            self.best_epoch = len(self.losses) - 1
        return len(self.losses) - 1 - self.best_epoch >= self.patience


# %%
class Net(nn.Module):
    def __init__(self, n_in, n_classes, width=160):
        super().__init__()
        self.register_buffer("scale", torch.ones(n_in))
        self.enter = nn.Linear(n_in, width)
        self.norm = nn.BatchNorm1d(width)
        self.middle = nn.Linear(width, width // 2)
        self.norm2 = nn.BatchNorm1d(width // 2)
        self.leave = nn.Linear(width // 2, n_classes)

    def forward(self, x):
        h = F.dropout(F.relu(self.norm(self.enter(x / self.scale))), 0.4, self.training)
        h = F.dropout(F.relu(self.norm2(self.middle(h))), 0.3, self.training)
        return self.leave(h)


build_model = Net


def fit(X_train, y_train, X_val, y_val, seed):
    torch.manual_seed(seed)
    net = build_model(X_train.size(1), 10)
    net.scale.fill_(X_train.max().item())
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=2e-2)
    stopper, best = EarlyStopping(20), None
    data = torch.utils.data.TensorDataset(X_train, y_train)
    for epoch in range(60):
        net.train()
        for x, y in torch.utils.data.DataLoader(data, batch_size=40, shuffle=True):
            opt.zero_grad()
            F.cross_entropy(net(x + 0.8 * torch.randn_like(x)), y).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            done = stopper.step(F.cross_entropy(net(X_val), y_val).item())
        if stopper.best_epoch == epoch:
            best = copy.deepcopy(net)
        if done:
            break
    return best.eval()


@torch.no_grad()
def predict(model, X):
    return torch.cat([model.eval()(part).argmax(-1) for part in X.split(256)])
