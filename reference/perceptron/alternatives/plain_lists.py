# %% [markdown]
# Plain Python: loops, lists and the math module. Answers are lists and floats, no numpy anywhere.

# %%
import math


def dot(u, v):
    total = 0.0
    for a, c in zip(u, v):
        total += float(a) * float(c)
    return total


# %%
def step(z):
    if getattr(z, "ndim", None) == 0 or isinstance(z, (int, float)):
        return 1.0 if z >= 0 else 0.0
    return [step(part) for part in z]


def predict(X, w, b):
    answers = []
    for x in X:
        if dot(w, x) + b >= 0:
            answers.append(1)
        else:
            answers.append(0)
    return answers


# %%
def perceptron_update(w, b, x, y, lr):
    guess = predict([x], w, b)[0]
    if guess == y:
        return list(w), b
    if y == 1:
        return [wi + lr * xi for wi, xi in zip(w, x)], b + lr
    return [wi - lr * xi for wi, xi in zip(w, x)], b - lr


def fit_perceptron(X, y, lr=0.1, max_epochs=100):
    w, b, mistakes = [0.0] * len(X[0]), 0.0, []
    while len(mistakes) < max_epochs and (not mistakes or mistakes[-1] > 0):
        wrong = 0
        for x, target in zip(X, y):
            if predict([x], w, b)[0] != target:
                wrong += 1
                w, b = perceptron_update(w, b, x, target, lr)
        mistakes.append(wrong)
    return w, b, mistakes


# %%
def gate(name):
    if name == "AND":
        return [0.5, 0.5], -0.7
    if name == "OR":
        return [0.5, 0.5], -0.2
    if name == "NAND":
        return [-0.5, -0.5], 0.7
    raise ValueError(name)


def xor(X):
    answers = []
    for x in X:
        hidden = [predict([x], *gate(name))[0] for name in ("NAND", "OR")]
        answers.append(predict([hidden], *gate("AND"))[0])
    return answers


# %%
def errors(w, b, X, y):
    return [dot(w, x) + b - target for x, target in zip(X, y)]


def mean_over(X, factors):
    n = len(X)
    return [sum(f * x[j] for f, x in zip(factors, X)) / n for j in range(len(X[0]))], sum(factors) / n


def mse(w, b, X, y):
    return sum(e * e for e in errors(w, b, X, y)) / len(X)


def mse_grad(w, b, X, y):
    return mean_over(X, [2 * e for e in errors(w, b, X, y)])


# %%
def softplus(z):
    return z + math.log1p(math.exp(-z)) if z > 0 else math.log1p(math.exp(z))


def logistic(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))


def bce(w, b, X, y):
    total = 0.0
    for x, target in zip(X, y):
        z = dot(w, x) + b
        total += softplus(-z) if target == 1 else softplus(z)
    return total / len(X)


def bce_grad(w, b, X, y):
    return mean_over(X, [logistic(dot(w, x) + b) - target for x, target in zip(X, y)])


# %%
def gradient_descent(X, y, lr, epochs):
    w, b, losses = [0.0] * len(X[0]), 0.0, []
    for _ in range(epochs):
        losses.append(mse(w, b, X, y))
        dw, db = mse_grad(w, b, X, y)
        w = [wi - lr * di for wi, di in zip(w, dw)]
        b = b - lr * db
    return w, b, losses
