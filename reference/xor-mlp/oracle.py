"""Independent answers for `xor-mlp`: one example at a time, from the logits, with numpy alone.

Shapes: X (n, d), y (n, 1); W1 (d, h), b1 (h,), W2 (h, k), b2 (k,).
"""

from contextlib import contextmanager, suppress
from itertools import permutations

import numpy as np

from grader.report import Verdict
from grader.suite import Bars, Curves, Failed, Regions, Series, Tensor, Text, checks

KEYS = ("W1", "b1", "W2", "b2")


# --- the answers ---------------------------------------------------------------------------------------


def sigmoid(z):
    """Through tanh, which never overflows: sigmoid(z) = (1 + tanh(z / 2)) / 2."""
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z, dtype=np.float64)))


def sigmoid_grad(z):
    """1 / (4 cosh(z / 2)**2), with the argument capped where the answer is 0 in float64 anyway."""
    half = np.minimum(np.abs(np.asarray(z, dtype=np.float64)) / 2, 350.0)
    return 0.25 / np.cosh(half) ** 2


def _run(params, x):
    """One example: the hidden layer (h,) and the logits (k,)."""
    hidden = np.tanh(np.einsum("d,dh->h", x, params["W1"]) + params["b1"])
    return hidden, np.einsum("h,hk->k", hidden, params["W2"]) + params["b2"]


def forward(params, X):
    return np.stack([sigmoid(_run(params, x)[1]) for x in X])


def loss(params, X, y):
    """-log p of the true class is log(1 + exp(-a)) or log(1 + exp(a)), where a is the logit."""
    total = 0.0
    for x, target in zip(X, y, strict=True):
        logit = _run(params, x)[1]
        total += float(np.sum(target * np.logaddexp(0, -logit) + (1 - target) * np.logaddexp(0, logit)))
    return total / len(X)


def backward(params, X, y):
    return _gradient(params, X, y, lambda p, t: p - t, lambda hidden, _: 1 - hidden**2)


def _gradient(params, X, y, at_output, of_hidden):
    """Sum over the examples of the outer products, over n. `at_output(p, t)` is dloss/dlogit;
    `of_hidden(hidden, before)` the derivative of the hidden activation."""
    total = {key: np.zeros_like(value, dtype=np.float64) for key, value in params.items()}
    for x, target in zip(X, y, strict=True):
        hidden, logit = _run(params, x)
        delta = at_output(sigmoid(logit), target) / len(X)  # (k,)
        below = (params["W2"] @ delta) * of_hidden(hidden, np.arctanh(np.clip(hidden, -1 + 1e-15, 1 - 1e-15)))
        total["W2"] += np.multiply.outer(hidden, delta)
        total["b2"] += delta
        total["W1"] += np.multiply.outer(x, below)
        total["b1"] += below
    return total


def train(params, X, y, lr, epochs):
    """Full-batch gradient descent; losses are taken before each step."""
    now = {key: np.array(value, dtype=np.float64) for key, value in params.items()}
    losses = []
    for _ in range(epochs):
        losses.append(loss(now, X, y))
        slope = backward(now, X, y)
        now = {key: now[key] - lr * slope[key] for key in KEYS}
    return now, losses


# --- the data ------------------------------------------------------------------------------------------


def xor():
    """The four points: X (4, 2), y (4, 1)."""
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return X, np.array([[0.0], [1.0], [1.0], [0.0]])


def params(seed, d, h, k=1, scale=1.0):
    """Weights and biases, none of them zero."""
    rng = np.random.default_rng(seed)
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, k), "b2": (k,)}
    return {key: scale * rng.normal(size=shape) for key, shape in shapes.items()}


def example(seed, n=6, d=3, h=5, scale=0.8):
    """(params, X, y) of sizes that all differ, so that a transpose shows; both classes occur."""
    rng = np.random.default_rng(1000 + seed)
    X = rng.normal(size=(n, d))
    y = (rng.permutation(n) % 2).astype(np.float64)[:, None]
    return params(seed, d, h, scale=scale), X, y


def saturated(d=3, h=5, size=60.0):
    """(params, X): hidden units at exactly 1 or -1, so logits of size * h, twice up and twice down."""
    net = {
        "W1": np.full((d, h), 50.0),
        "b1": np.zeros(h),
        "W2": np.full((h, 1), size),
        "b2": np.zeros(1),
    }
    X = np.array([np.full(d, 2.0), np.full(d, 3.0), np.full(d, -3.0), np.full(d, -2.0)])
    return net, X


def start(seed=0):
    """A start from which gradient descent with lr=1 learns XOR in 1500 epochs."""
    return params(seed, 2, 4)


def correct(net, X, y):
    """How many of the points are on the right side."""
    return int(np.sum((forward(net, X) > 0.5) == (np.asarray(y) > 0.5)))


def only(values, keys):
    return {key: values[key] for key in keys}


# --- gradients of known misconceptions: (ko, en, gradient, id) ------------------------------------------------


def output_mistakes(net, X, y):
    """What goes wrong at the output: it also bends what flows below."""

    def right(hidden, _):
        return 1 - hidden**2

    return [
        (
            "출력층에서 시그모이드의 미분 p(1 - p)가 한 번 더 곱해졌습니다. 교차 엔트로피의 미분과 곱하면 "
            "무엇이 약분되는지 "
            "종이에 써 보세요 (p - y에 p(1 - p)를 곱하는 것은 제곱 오차의 미분입니다).",
            "At the output the sigmoid's derivative p(1 - p) is multiplied in once too often. Write down "
            "what it cancels "
            "against the derivative of the cross-entropy ((p - y) p(1 - p) belongs to the squared error).",
            _gradient(net, X, y, lambda p, t: (p - t) * p * (1 - p), right),
            "extra-sigmoid-derivative",
        ),
        (
            "출력층의 미분이 제곱 오차의 미분 2(p - y)p(1 - p)와 같습니다. 이 과제의 손실은 교차 "
            "엔트로피입니다.",
            "The derivative at the output is that of the squared error, 2(p - y)p(1 - p). The loss here "
            "is cross-entropy.",
            _gradient(net, X, y, lambda p, t: 2 * (p - t) * p * (1 - p), right),
            "squared-error-for-cross-entropy",
        ),
        (
            "교차 엔트로피를 확률 p로 미분한 데서 멈춘 것 같습니다. 로짓까지 가려면 시그모이드를 한 번 더 "
            "지나야 합니다.",
            "It looks as if you stopped at the derivative with respect to the probability p. One more "
            "step, through "
            "the sigmoid, leads to the logit.",
            _gradient(net, X, y, lambda p, t: (p - t) / (p * (1 - p)), right),
            "no-activation-derivative",
        ),
    ]


def hidden_mistakes(net, X, y):
    """What goes wrong at the hidden layer alone, then what flows down from the output."""

    def error(p, t):
        return p - t

    named = [
        (
            "은닉층의 미분 1 - h²이 빠졌습니다. 기울기는 tanh를 거슬러 지나야 W1에 닿습니다.",
            "The derivative of the hidden layer, 1 - h**2, is missing. The gradient has to pass back "
            "through tanh "
            "before it reaches W1.",
            _gradient(net, X, y, error, lambda hidden, before: np.ones_like(hidden)),
            "no-activation-derivative",
        ),
        (
            "은닉층의 미분 1 - h²이 두 번 곱해졌습니다. 은닉층은 한 번만 거슬러 지납니다.",
            "The derivative of the hidden layer, 1 - h**2, is multiplied in twice. There is one hidden "
            "layer to "
            "pass back through.",
            _gradient(net, X, y, error, lambda hidden, before: (1 - hidden**2) ** 2),
            "activation-derivative-twice",
        ),
        (
            "은닉층에 시그모이드의 미분 h(1 - h)를 썼습니다. 은닉층의 활성화 함수는 tanh입니다.",
            "The hidden layer got the sigmoid's derivative h(1 - h). Its activation is tanh.",
            _gradient(net, X, y, error, lambda hidden, before: hidden * (1 - hidden)),
            "wrong-activation-derivative",
        ),
        (
            "tanh의 미분에 이미 tanh를 지난 값 h를 다시 넣었습니다 (1 - tanh(h)²). h로 쓰면 식이 더 "
            "간단해집니다.",
            "tanh's derivative was taken at h, which has been through tanh already (1 - tanh(h)**2). "
            "Written in h "
            "the formula is simpler.",
            _gradient(net, X, y, error, lambda hidden, before: 1 - np.tanh(hidden) ** 2),
            "before-or-after-activation",
        ),
        (
            "tanh의 미분에서 제곱이 빠졌습니다 (1 - h가 아니라 1 - h²).",
            "The square is missing in tanh's derivative (1 - h**2, not 1 - h).",
            _gradient(net, X, y, error, lambda hidden, before: 1 - hidden),
            "wrong-activation-derivative",
        ),
        (
            "은닉층의 미분이 활성화 전의 값으로 계산되었습니다 (1 - z²). 제곱할 것은 h = tanh(z)입니다.",
            "The hidden derivative was taken from the value before the activation (1 - z**2). What is "
            "squared is "
            "h = tanh(z).",
            _gradient(net, X, y, error, lambda hidden, before: 1 - before**2),
            "before-or-after-activation",
        ),
    ]
    return named + output_mistakes(net, X, y)


# --- starts and models -----------------------------------------------------------------------------------


def twins(net):
    """Pairs of hidden units that compute the same and are used alike: no gradient tells them apart."""
    units = np.column_stack([np.asarray(net["W1"]).T, np.asarray(net["b1"]), np.asarray(net["W2"])])
    return sum(
        bool(np.allclose(units[i], units[j], rtol=1e-9, atol=1e-12))
        for i in range(len(units))
        for j in range(i)
    )


def bend(values):
    """How far f((a + b) / 2) is from (f(a) + f(b)) / 2, against the spread of f: 0 for a straight line, and
    for a spread that is no more than float32 noise. `values` are f(a), f(b), f((a + b) / 2) after each other,
    all of one length."""
    at_a, at_b, at_middle = np.split(np.asarray(values, dtype=np.float64).reshape(-1), 3)
    spread = float(np.ptp(np.concatenate([at_a, at_b, at_middle])))
    return 0.0 if spread < 1e-3 else float(np.max(np.abs(at_a + at_b - 2 * at_middle))) / spread


def triples(seed, count=40, size=4.0):
    """Float32 points (3 * count, 2) for `bend`: a, then b, then their middles."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(-size, size, (count, 2)), rng.uniform(-size, size, (count, 2))
    return np.concatenate([a, b, (a + b) / 2]).astype(np.float32)


def median_ratio(lists):
    """The median over the seeds of first / last; a seed whose norms are all zero (dead units) is left out."""
    ratios = [first / last for first, last in ((row[0], row[-1]) for row in lists) if last > 0]
    return float(np.median(ratios)) if ratios else float("nan")

# --- what else misconceptions lead to: (id, function of a case) ------------------------------------------


def _layers(params, X):
    """Before and after the hidden activation (n, h), and the logits (n, k)."""
    before = np.asarray(X) @ params["W1"] + params["b1"]
    return before, np.tanh(before), np.tanh(before) @ params["W2"] + params["b2"]


def _with_hidden(params, hidden):
    return sigmoid(hidden @ params["W2"] + params["b2"])


def _softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _without(params, *keys):
    return {key: np.zeros_like(value) if key in keys else value for key, value in params.items()}


SIGMOID_MISTAKES = (("exponent-sign", lambda z: sigmoid(-z)),)

SIGMOID_GRAD_MISTAKES = (
    ("before-or-after-activation", lambda z: z * (1 - z)),
    ("before-or-after-activation", lambda z: sigmoid_grad(sigmoid(z))),
    ("no-activation-derivative", sigmoid),
)

FORWARD_MISTAKES = (
    ("logits-for-probabilities", lambda net, X: _layers(net, X)[2]),
    ("wrong-activation", lambda net, X: _with_hidden(net, np.maximum(0, _layers(net, X)[0]))),
    ("wrong-activation", lambda net, X: _with_hidden(net, sigmoid(_layers(net, X)[0]))),
    ("wrong-activation", lambda net, X: np.tanh(_layers(net, X)[2])),
    ("linear-stack", lambda net, X: _with_hidden(net, _layers(net, X)[0])),
    ("softmax-for-one-output", lambda net, X: _softmax(_layers(net, X)[2])),
    ("bias-after-activation", lambda net, X: _with_hidden(net, np.tanh(X @ net["W1"]) + net["b1"])),
    ("missing-bias", lambda net, X: forward(_without(net, "b1"), X)),
    ("missing-bias", lambda net, X: forward(_without(net, "b2"), X)),
    ("missing-bias", lambda net, X: forward(_without(net, "b1", "b2"), X)),
)


def _log_terms(net, X):
    """What an example costs if it is of class 1, and if it is of class 0: (n, 1) each."""
    logits = _layers(net, X)[2]
    return np.logaddexp(0, -logits), np.logaddexp(0, logits)


def _broadcast(net, X, y):
    """(n,) met (n, 1): the mean over all pairs of an example and another one's label."""
    one, zero = _log_terms(net, X)
    return float(np.mean(y * one.ravel() + (1 - y) * zero.ravel()))


LOSS_MISTAKES = (
    ("one-term-cross-entropy", lambda net, X, y: float(np.mean(y * _log_terms(net, X)[0]))),
    ("one-term-cross-entropy", lambda net, X, y: float(np.mean((1 - y) * _log_terms(net, X)[1]))),
    ("loss-summed", lambda net, X, y: loss(net, X, y) * len(X)),
    ("broadcast-column", _broadcast),
    ("squared-error-for-cross-entropy", lambda net, X, y: float(np.mean((forward(net, X) - y) ** 2))),
    ("squared-error-for-cross-entropy", lambda net, X, y: float(np.mean((forward(net, X) - y) ** 2) / 2)),
    ("wrong-log-base", lambda net, X, y: loss(net, X, y) / np.log(2)),
    ("wrong-log-base", lambda net, X, y: loss(net, X, y) / np.log(10)),
)


def _differences(step, backwards):
    """The gradient by differences with this step: between here and there, or there and as far behind."""

    def gradient(net, X, y):
        total = {key: np.zeros_like(value) for key, value in net.items()}
        for key, slope in total.items():
            for index in np.ndindex(slope.shape):
                ends = []
                for side in (1.0, -1.0 if backwards else 0.0):
                    moved = {**net, key: net[key].copy()}
                    moved[key][index] += side * step
                    ends.append(loss(moved, X, y))
                slope[index] = (ends[0] - ends[1]) / (2 * step if backwards else step)
        return total

    return gradient


DIFFERENCES = tuple(
    ("numeric-gradient", _differences(step, backwards))
    for backwards, steps in ((False, (1e-2, 1e-3, 1e-4, 1e-5)), (True, (1e-1, 1e-2)))
    for step in steps
)


def _descent(step):
    """Full-batch training by `step(now, X, y, lr)`, which gives the next parameters."""

    def mistaken(params, X, y, lr, epochs):
        now, losses = dict(params), []
        for _ in range(epochs):
            losses.append(loss(now, X, y))
            now = step(now, X, y, lr)
        return now, np.array(losses)

    return mistaken


def _stepped(params, X, y, lr):
    slope = backward(params, X, y)
    return {key: params[key] - lr * slope[key] for key in KEYS}


def _after_the_step(params, X, y, lr, epochs):
    return train(params, X, y, lr, epochs)[0], np.array(train(params, X, y, lr, epochs + 1)[1][1:])


def _in_turn(order):
    def step(now, X, y, lr):
        for key in order:
            now = {**now, key: now[key] - lr * backward(now, X, y)[key]}
        return now

    return _descent(step)


TRAIN_MISTAKES = (
    ("loss-after-step", _after_the_step),
    ("nothing-learned", _descent(lambda now, X, y, lr: now)),
    ("climbing", _descent(lambda now, X, y, lr: _stepped(now, X, y, -lr))),
    ("no-learning-rate", _descent(lambda now, X, y, lr: _stepped(now, X, y, 1.0))),
    *(("sequential-update", _in_turn(order)) for order in permutations(KEYS)),
)


def shape_mistake(got, net, n):
    """What the shapes of a gradient show, for n examples; `got` is a dict with the keys of `net`."""
    for key, value in net.items():
        if value.ndim == 2 and has_shape(got[key], value.shape[::-1]) and not has_shape(got[key], value.shape):
            return "transposed-gradient"
        if value.ndim == 1 and n > 1 and has_shape(got[key], (n, *value.shape)):
            return "bias-gradient-not-summed"
        if value.ndim == 1 and axis(got[key], value.shape):
            return "column-or-vector"
    return None


# --- signs of a misconception ---------------------------------------------------------------------------


@contextmanager
def recognised(find):
    """As checks.misconception, for what takes another look: `find()` gives the name, or None, of a wrong answer
    that is found inside. It may ask the student; where that fails there is no name."""
    try:
        yield
    except Failed as failed:
        name = None
        if failed.verdict is Verdict.FAILED and failed.misconception is None:
            with suppress(Failed):
                name = find()
        if name is None:
            raise
        with checks.misconception(name):
            raise


def told_by(answers, cases, mistakes, rtol=1e-4, atol=1e-6):
    """The id of the first of `mistakes`, (id, function of a case), that gives all answers as they are."""
    for name, mistaken in mistakes:
        if all(is_like(got, mistaken(*case), rtol, atol) for got, case in zip(answers, cases, strict=True)):
            return name
    return None


def is_like(got, expected, rtol=1e-4, atol=1e-6):
    """Whether an answer, whatever it is, has these values; `expected` is a number, an array, a dict or a tuple."""
    try:
        if isinstance(expected, dict):
            parts = checks.mapping(got, expected, name="")
            return all(is_like(parts[key], expected[key], rtol, atol) for key in expected)
        if isinstance(expected, tuple):
            parts = checks.unpack(got, len(expected), name="")
            return all(is_like(part, value, rtol, atol) for part, value in zip(parts, expected, strict=True))
        checks.array(got, expected, name="", rtol=rtol, atol=atol)
    except Failed:
        return False
    return True


def is_finite(got):
    """Whether an answer, whatever it is, is made of finite numbers."""
    try:
        checks.finite(got, name="")
    except Failed:
        return False
    return True


def has_shape(got, shape):
    """Whether an answer, whatever it is, is made of finite numbers in this shape."""
    try:
        checks.shape(got, shape, name="")
    except Failed:
        return False
    return True


def axis(got, shape):
    """What numbers of a wrong shape show: an axis of length 1 that is there or not."""
    if has_shape(got, shape):
        return None
    if shape[0] == 1 and has_shape(got, shape[1:]):
        return "squeezed-single-example"
    others = [(*shape, 1), (1, *shape), *([shape[:-1]] if shape[-1] == 1 else [])]
    return "column-or-vector" if any(has_shape(got, other) for other in others) else None


# --- pictures --------------------------------------------------------------------------------------------

SIDE = np.linspace(-0.5, 1.5, 41)
GRID = np.stack(np.meshgrid(SIDE, SIDE), axis=-1).reshape(-1, 2)
EPOCH, LOSS = Text("에폭", "epoch"), Text("교차 엔트로피 손실", "cross-entropy loss")


def _draw_regions(id, title, chance, pictures):
    X, y = xor()
    points = [(float(a), float(b), int(label)) for (a, b), label in zip(X, y.ravel(), strict=True)]
    pictures.add(Regions(id, title, (-0.5, 1.5), (-0.5, 1.5), chance.reshape(41, 41).tolist(), points))


def draw_net(student, net, losses, epochs, pictures):
    """What the net trained by hand says over the plane, and how it got there; nothing where that does not work."""
    with suppress(Failed):
        values = checks.losses(losses, epochs, name="")
        line = {Text("train의 손실", "losses of train"): values}
        title = Text("손으로 쓴 신경망의 손실 곡선", "The loss curve of the net written by hand")
        pictures.add(Curves.of("train-loss", title, EPOCH, LOSS, line, log=True))
    with suppress(Failed):
        chance = checks.shape(student.forward(net, GRID), (len(GRID), 1), name="")
        title = Text("손으로 쓴 신경망이 나눈 평면", "How the net written by hand divides the plane")
        _draw_regions("train-regions", title, chance, pictures)


def draw_model(student, model, losses, pictures):
    """The same of a model in PyTorch."""
    title = Text("PyTorch 모델의 손실 곡선", "The loss curve of the model in PyTorch")
    line = {Text("train_model의 손실", "losses of train_model"): losses}
    pictures.add(Curves.of("model-loss", title, EPOCH, LOSS, line, log=True))
    with suppress(Failed):
        logits = student.probe.logits(model, Tensor(GRID.astype(np.float32)))
        chance = sigmoid(checks.shape(logits, (len(GRID), 1), name=""))
        title = Text("PyTorch 모델이 나눈 평면", "How the model in PyTorch divides the plane")
        _draw_regions("model-regions", title, chance, pictures)


def draw_norms(sigmoid_rows, relu_rows, pictures):
    """The median over the seeds, layer by layer."""
    title = Text("층마다 가중치에 닿는 기울기의 크기", "How much gradient reaches the weights of each layer")
    x, y = Text("은닉층 (1 = 첫 층)", "hidden layer (1 = first)"), Text("기울기의 크기", "norm of the gradient")
    rows = {Text("시그모이드", "sigmoid"): sigmoid_rows, Text("ReLU", "ReLU"): relu_rows}
    series = [Series.of(name, np.median(values, axis=0).tolist()) for name, values in rows.items()]
    labels = [str(layer + 1) for layer in range(len(sigmoid_rows[0]))]
    pictures.add(Bars("gradient-norms", title, x, y, labels, series, log=True))
