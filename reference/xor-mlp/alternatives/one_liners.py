# %% [markdown]
# 짧게, 로짓에서 바로 / Terse, straight from the logits

# %%
import numpy as np, torch
from torch import nn
expit = lambda z: 0.5 + 0.5 * np.tanh(0.5 * np.asarray(z))

# %%
sigmoid = expit
def sigmoid_grad(z): return expit(z) * expit(-np.asarray(z))
def init_params(n_in, n_hidden, n_out, seed):
    r = np.random.RandomState(seed)
    return {k: r.randn(*s) for k, s in
            [("W1", (n_in, n_hidden)), ("b1", (n_hidden,)), ("W2", (n_hidden, n_out)), ("b2", (n_out,))]}
def _ha(p, X): H = np.tanh(X @ p["W1"] + p["b1"]); return H, H @ p["W2"] + p["b2"]
def forward(params, X): return expit(_ha(params, X)[1])
def loss(params, X, y): a = _ha(params, X)[1]; return np.mean(np.logaddexp(0, a) - y * a)
def backward(params, X, y):
    H, a = _ha(params, X)
    one = np.ones((len(X), 1))
    H1, X1 = np.hstack([H, one]), np.hstack([X, one])  # the biases as one more input
    d2 = (expit(a) - y) / len(X)
    d1 = d2 @ params["W2"].T / np.cosh(np.arctanh(np.clip(H, -1 + 1e-16, 1 - 1e-16))) ** 2
    g2, g1 = H1.T @ d2, X1.T @ d1
    return {"W1": g1[:-1], "b1": g1[-1], "W2": g2[:-1], "b2": g2[-1]}
def train(params, X, y, lr, epochs):
    history = []
    def go(p, left):
        for _ in range(left):
            history.append(loss(p, X, y)); g = backward(p, X, y); p = {k: p[k] - lr * g[k] for k in p}
        return p
    return go(params, epochs), history

# %%
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, n_hidden), nn.Sigmoid(), nn.Linear(n_hidden, n_hidden), nn.Tanh(),
                         nn.Linear(n_hidden, 1))
def train_model(model, X, y, epochs, lr):
    o, l = torch.optim.AdamW(model.parameters(), lr, weight_decay=1e-4), []
    for _ in range(epochs):
        c = nn.functional.binary_cross_entropy_with_logits(model(X), y)
        c.backward(); o.step(); o.zero_grad()  # cleared at the end of the epoch
        l.append(c.item())
    return l
def gradient_norms(depth, activation, seed):
    torch.manual_seed(seed)
    A = dict(sigmoid=nn.Sigmoid, relu=nn.ReLU)[activation]
    m = nn.Sequential(*[x for i in range(depth) for x in (nn.Linear(16 if i else 2, 16), A())], nn.Linear(16, 1)).double()
    X = torch.cartesian_prod(torch.arange(2.), torch.arange(2.)).double()
    y = (X.sum(1, keepdim=True) == 1).double()
    nn.functional.binary_cross_entropy_with_logits(m(X), y).backward()
    return [p.grad.norm().item() for n, p in m.named_parameters() if n.endswith("weight")][:-1]
