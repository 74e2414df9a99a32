# %%
import csv
import math
import pathlib
from collections import namedtuple

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

MeanStd = namedtuple("MeanStd", "mean std")


# %%
def read_table(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(cell) for cell in row[1:]] for row in rows])


def load_split(folder):
    folder = pathlib.Path(folder)
    y_test = None
    if (folder / "y_test.csv").is_file():
        y_test = read_table(folder / "y_test.csv")[:, 0].astype("int64")
    y_train = read_table(folder / "y_train.csv")[:, 0].astype("int64")
    return read_table(folder / "x_train.csv"), y_train, read_table(folder / "x_test.csv"), y_test


def fit_scaler(X):
    std = X.std(0)
    return MeanStd(X.mean(0), np.where(std == 0, 1, std))


def scale(X, scaler):
    return ((X - scaler.mean) / scaler.std).astype("float32")


# %%
class Matches(Dataset):
    def __init__(self, X, y):
        self.X, self.y = np.asarray(X, dtype="float32"), np.asarray(y, dtype="float32")

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return torch.from_numpy(self.X[i]), torch.tensor([self.y[i]])


def make_loader(X, y, batch_size, shuffle, seed):
    if shuffle:  # once, by hand
        order = np.random.default_rng(seed).permutation(len(X))
        X, y = X[order], y[order]
    return DataLoader(Matches(X, y), batch_size=batch_size, num_workers=0)


class Net(nn.Module):
    def __init__(self, n_features):
        super().__init__()
        self.first = nn.Linear(n_features, 24)
        self.norm = nn.BatchNorm1d(24)
        self.last = nn.Linear(24, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x):
        return self.last(torch.relu(self.norm(self.first(x))))


def build_model(n_features=48):
    return Net(n_features)


class Trainer:
    def __init__(self, model, lr, device):
        self.device = torch.device(device)
        self.model = model.to(self.device)
        self.loss = nn.BCEWithLogitsLoss(reduction="sum")
        self.opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)

    def epoch(self, loader):
        self.model.train()
        total, count = 0.0, 0
        for batch in loader:
            x, y = (part.to(self.device, non_blocking=True) for part in batch)
            loss = self.loss(self.model(x), y)
            (loss / len(x)).backward()
            self.opt.step()
            self.opt.zero_grad()
            total, count = total + float(loss), count + len(x)
        return total / count


def train(model, loader, epochs, lr, device):
    trainer = Trainer(model, lr, device)
    return np.array([trainer.epoch(loader) for _ in range(epochs)])


def predict_proba(model, X, device, batch_size=4096):
    was_training = model.training
    model = model.to(device)
    model.eval()
    X = torch.as_tensor(np.asarray(X), dtype=torch.float32)
    answer = torch.empty(len(X))
    with torch.inference_mode():
        for i in range(math.ceil(len(X) / batch_size)):
            part = slice(i * batch_size, (i + 1) * batch_size)
            answer[part] = model(X[part].to(device))[:, 0].sigmoid().cpu()
    model.train(was_training)
    return answer


# %%
def fit(folder, device, seed):
    X, y, _, _ = load_split(folder)
    torch.manual_seed(seed)
    scaler, model = fit_scaler(X), build_model(X.shape[1])
    for round in range(15):
        train(model, make_loader(scale(X, scaler), y, 128, True, 1000 * seed + round), 1, 0.05 / (1 + round), device)
    return model, scaler


model, scaler = fit("data/lol", "cuda" if torch.cuda.is_available() else "cpu", 0)
print(model)
