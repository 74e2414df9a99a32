# %%
import numpy as np
import torch

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)  # (4, 2)
y = np.array([[0], [1], [1], [0]], dtype=float)  # (4, 1)


# %%
### BEGIN SOLUTION
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -60, 60)))


### END SOLUTION


# %%
### BEGIN SOLUTION
def forward(params, X):
    hidden = np.tanh(X @ params["W1"] + params["b1"])  # (n, h)
    return sigmoid(hidden @ params["W2"] + params["b2"])  # (n, 1)


### END SOLUTION


# %%
### BEGIN SOLUTION
def loss(params, X, y):
    p = np.clip(forward(params, X), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


### END SOLUTION


# %%
### BEGIN SOLUTION
def backward(params, X, y):
    hidden = np.tanh(X @ params["W1"] + params["b1"])
    wrong = (sigmoid(hidden @ params["W2"] + params["b2"]) - y) / len(X)  # (n, 1)
    below = wrong @ params["W2"].T * (1 - hidden**2)  # (n, h)
    return {"W1": X.T @ below, "b1": below.sum(axis=0), "W2": hidden.T @ wrong, "b2": wrong.sum(axis=0)}


### END SOLUTION


# %%
### BEGIN SOLUTION
def train(X, y, n_hidden=6, lr=0.5, epochs=5000, seed=0):
    rng = np.random.default_rng(seed)
    params = {
        "W1": rng.normal(size=(X.shape[1], n_hidden)),
        "b1": np.zeros(n_hidden),
        "W2": rng.normal(size=(n_hidden, 1)),
        "b2": np.zeros(1),
    }
    losses = []
    for _ in range(epochs):
        losses.append(loss(params, X, y))
        slopes = backward(params, X, y)
        params = {key: value - lr * slopes[key] for key, value in params.items()}
    return params, losses


### END SOLUTION


# %%
params, losses = train(X, y)
print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}")
print(np.round(forward(params, X), 3).ravel())

# %%
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(2, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for _ in range(600):
    optimizer.zero_grad()
    error = torch.nn.functional.binary_cross_entropy_with_logits(model(torch.Tensor(X)), torch.Tensor(y))
    error.backward()
    optimizer.step()
print(f"torch: loss {error.item():.5f}")
