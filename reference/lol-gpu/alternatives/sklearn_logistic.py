# %% [markdown]
# 로지스틱 회귀 하나와 scikit-learn의 스케일러 / A single linear layer, and scikit-learn's scaler

# %%
from __future__ import annotations

import os

import pandas as pd
import torch
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

# %%
def load_split(folder):
    read = lambda name: pd.read_csv(os.path.join(folder, name)).iloc[:, 1:].values
    X_train, y_train, X_test = read("x_train.csv"), read("y_train.csv").ravel(), read("x_test.csv")
    try:
        y_test = read("y_test.csv").ravel()
    except FileNotFoundError:
        y_test = None
    return X_train.astype("float64"), y_train.astype(int), X_test.astype("float64"), y_test


def fit_scaler(X):
    return StandardScaler().fit(X)


def scale(X, scaler):
    return scaler.transform(X)


def make_loader(X, y, batch_size, shuffle, seed):
    g = torch.Generator()
    g.manual_seed(seed)
    data = TensorDataset(torch.from_numpy(X).float(), torch.from_numpy(y).float().unsqueeze(1))
    return DataLoader(data, batch_size=batch_size, shuffle=shuffle, generator=g)


def build_model(n_features=48):
    return torch.nn.Linear(n_features, 1)


# %%
def train(model, loader, epochs, lr, device):
    model = model.to(device).train()
    opt = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=1e-4)
    history = []
    for epoch in range(epochs):
        running = 0.0
        for x, y in loader:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x.to(device)), y.to(device))
            opt.zero_grad(set_to_none=False)
            loss.backward()
            opt.step()
            running += loss.item()
        history.append(running / len(loader))  # the mean over batches
    return history


@torch.no_grad()
def predict_proba(model, X, device, batch_size=4096):
    model.to(device).eval()
    out = []
    for start in range(0, len(X), batch_size):
        x = torch.as_tensor(X[start : start + batch_size], dtype=torch.float32, device=device)
        out += torch.sigmoid(model(x)).cpu().flatten().tolist()
    return out


def fit(folder, device, seed):
    torch.manual_seed(seed)
    X, y, *_ = load_split(folder)
    scaler = fit_scaler(X)
    model = build_model()
    for lr in (0.03, 0.01, 0.003):
        train(model, make_loader(scale(X, scaler), y, 64, True, seed), 8, lr, device)
    return model, scaler
