# %% [markdown]
# 짧게 / Terse

# %%
import copy, numpy as np, torch
from torch import nn, optim
from torch.nn import functional as F

# %%
min_max_fit = lambda X: (np.min(X, 0), np.max(X, 0))
def min_max_apply(X, lo, hi):
    with np.errstate(all="ignore"): return np.where(hi == lo, 0, (X - lo) / (hi - lo))
standardize_fit = lambda X: (np.mean(X, 0), np.sqrt(np.mean((X - np.mean(X, 0)) ** 2, 0)))
standardize_apply = lambda X, mean, std: np.divide(X - mean, std, out=np.zeros(np.shape(X)), where=np.broadcast_to(std != 0, np.shape(X)))
def kfold_indices(n, k, seed):
    where = np.random.RandomState(seed).permutation(np.arange(n) % k)
    return [(np.flatnonzero(where != i), np.flatnonzero(where == i)) for i in range(k)]
def init_weight(n_in, n_out, kind, seed):
    return torch.from_numpy(np.random.RandomState(seed).normal(0, np.sqrt(2 / (n_in + n_out * (kind == "xavier"))), (n_out, n_in)).astype("f"))
l1_penalty = lambda params, lam: torch.stack([lam * p.abs().sum() for p in params]).sum()
l2_penalty = lambda params, lam: torch.stack([lam * p.pow(2).sum() for p in params]).sum()
def dropout(x, p, training, generator):
    return x * torch.empty_like(x, requires_grad=False).bernoulli_(1 - p, generator=generator) / (1 - p) if training else x
def batch_norm(x, gamma, beta, eps=1e-5): return (x - x.mean(0)) / (x.var(0, correction=0) + eps) ** 0.5 * gamma + beta

# %%
class EarlyStopping:
    def __init__(s, patience, min_delta=0.0): s.left = s.patience = patience; s.d = min_delta; s.t = 0; s.best_loss = np.inf; s.best_epoch = 0
    def step(s, val_loss):
        good = val_loss < s.best_loss - s.d
        if good: s.best_loss, s.best_epoch, s.left = val_loss, s.t, s.patience
        else: s.left -= 1
        s.t += 1
        return s.left <= 0

# %%
def block(a, b): return [nn.Linear(a, b), nn.BatchNorm1d(b), nn.GELU(), nn.Dropout(0.35)]
def build_model(n_in, n_classes): return nn.Sequential(*block(n_in, 128), *block(128, 96), nn.Linear(96, n_classes))
def fit(X_train, y_train, X_val, y_val, seed):
    torch.random.manual_seed(seed)
    m = build_model(64, 10); o = optim.AdamW(m.parameters(), 5e-3, weight_decay=0.05); A = X_train / 16
    s = optim.lr_scheduler.OneCycleLR(o, 1e-2, total_steps=50 * 8)
    for _ in range(50):
        m.train()
        for i in torch.randperm(400).chunk(8):
            o.zero_grad(); F.cross_entropy(m(A[i]), y_train[i], label_smoothing=0.05).backward(); o.step(); s.step()
    return m.eval().requires_grad_(False)
def predict(model, X): return model(X / 16).max(1).indices.numpy()
