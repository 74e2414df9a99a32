# %%
# A student who sets a validation part aside, keeps the best epoch, and scales with torch and a dict.
import copy
import os

import numpy as np
import pandas as pd
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler, TensorDataset


def load_split(folder):
    x_train = pd.read_csv(f"{folder}/x_train.csv").drop(columns="Unnamed: 0")
    x_test = pd.read_csv(f"{folder}/x_test.csv").drop(columns="Unnamed: 0")
    y_train = pd.read_csv(f"{folder}/y_train.csv")["blueWins"]
    y_test = None
    if "y_test.csv" in os.listdir(folder):
        y_test = pd.read_csv(f"{folder}/y_test.csv")["blueWins"].to_numpy()
    return x_train.to_numpy(np.float64), y_train.to_numpy(), x_test.to_numpy(np.float64), y_test


def fit_scaler(X):
    X = torch.tensor(X, dtype=torch.float64)
    low, high = X.min(dim=0).values, X.max(dim=0).values
    return {"low": low, "width": torch.where(high > low, high - low, torch.ones_like(low))}


def scale(X, scaler):
    return (2 * (torch.tensor(X, dtype=torch.float64) - scaler["low"]) / scaler["width"] - 1).numpy()


def make_loader(X, y, batch_size, shuffle, seed):
    x = torch.FloatTensor(np.asarray(X))
    t = torch.FloatTensor(np.asarray(y, dtype=np.float32)).view(-1, 1)
    data = TensorDataset(x, t)
    generator = torch.Generator()
    generator.manual_seed(int(seed))
    sampler = RandomSampler(data, generator=generator) if shuffle else SequentialSampler(data)
    return DataLoader(data, batch_size=batch_size, sampler=sampler, drop_last=False)


def build_model(n_features=48):
    model = nn.Sequential()
    model.add_module("in", nn.Linear(n_features, 64))
    model.add_module("act", nn.GELU())
    model.add_module("drop", nn.Dropout(p=0.1))
    model.add_module("out", nn.Linear(64, 1))
    return model


def train(model, loader, epochs, lr, device):
    device = torch.device(device)
    model.to(device)
    optimizer = optim.Adam(model.parameters(), lr=lr)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(epochs, 1))
    losses = []
    for epoch in range(epochs):
        model.train()
        seen = []
        for inputs, labels in loader:
            inputs = inputs.to(device)
            labels = labels.to(device)
            model.zero_grad()
            outputs = model(inputs)
            each = nn.BCEWithLogitsLoss(reduction="none")(outputs, labels)
            each.mean().backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            seen.append(each.detach())
        scheduler.step()
        losses.append(torch.cat(seen).mean().item())
    return losses


def predict_proba(model, X, device, batch_size=4096):
    model.to(device)
    model.eval()
    loader = DataLoader(torch.tensor(np.asarray(X), dtype=torch.float32), batch_size=batch_size)
    result = []
    with torch.no_grad():
        for x in loader:
            z = model(x.to(device))
            p = 1 / (1 + torch.exp(-z))
            result.extend(p.view(-1).cpu().numpy())
    return np.array(result)


def fit(folder, device, seed):
    np.random.seed(seed)
    torch.manual_seed(seed)
    X, y, _, _ = load_split(folder)
    order = np.random.permutation(len(X))
    cut = int(0.9 * len(X))
    a, v = order[:cut], order[cut:]
    scaler = fit_scaler(X[a])
    A, V = scale(X[a], scaler), scale(X[v], scaler)
    model = build_model(X.shape[1])
    best, best_loss = None, np.inf
    loader = make_loader(A, y[a], 64, True, seed)
    for round in range(4):
        train(model, loader, 5, 5e-3 / (round + 1), device)
        p = np.clip(predict_proba(model, V, device), 1e-6, 1 - 1e-6)
        loss = -np.mean(np.where(y[v] == 1, np.log(p), np.log(1 - p)))
        if loss < best_loss:
            best, best_loss = copy.deepcopy(model.state_dict()), loss
    model.load_state_dict(best)
    return model, scaler
