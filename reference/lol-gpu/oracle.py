"""Independent answers for `lol-gpu`, with numpy alone, and the matches whose labels never enter the box.

`held_out/matches.npz` holds 4,000 matches made with another seed than the shipped ones (and, for the instructor, the
answers of the shipped x_test.csv as `shipped_y_test`). `held_out/board.npz` holds those of the leaderboard, which are
in no other set (`held_out/draw.py`). All other matches are made here, from seeds of their own.
"""

import hashlib
from contextlib import nullcontext
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from grader import lol
from grader.report import Verdict
from grader.suite import Bars, Confusion, Curves, Failed, Series, Tensor, Text, checks

SHIPPED = "data/lol"
D = len(lol.FEATURES)
LOAD, SCALE, LOADER, MODEL, TRAIN, PREDICT, FIT = (
    "load_split(folder)",
    "scale(X, scaler)",
    "make_loader(X, y, batch_size, shuffle, seed)",
    "build_model(n_features)",
    "train(model, loader, epochs, lr, device)",
    "predict_proba(model, X, device)",
    "fit(folder, device, seed)",
)

# --- matches -----------------------------------------------------------------------------------------------------


@cache
def _matches():
    with np.load(Path(__file__).parent / "held_out" / "matches.npz") as held_out:
        return {name: held_out[name] for name in held_out.files}


def held_out_x():
    """(4000, 48); the average levels have one decimal, as in the files."""
    return np.round(_matches()["X"].astype(np.float64), 1)


def held_out_y():
    return _matches()["y"].astype(np.int64)


@cache
def board_matches():
    """X (6000, 48), y (6000,), which are the public part (6000,), and a word that changes with any of them."""
    with np.load(Path(__file__).parent / "held_out" / "board.npz") as found:
        X, y, public = (found[name] for name in ("X", "y", "public"))
    digest = hashlib.sha256(b"".join(part.tobytes() for part in (X, y, public)))
    return np.round(X.astype(np.float64), 1), y.astype(np.int64), public, digest.hexdigest()


@cache
def matches(n, seed):
    """X (n, 48) and y (n,), not to be changed."""
    X, y = lol.make(n, seed)
    X.setflags(write=False)
    y.setflags(write=False)
    return X, y


def files(train, test, index=None, test_index=None):
    """The text of each file of a folder, by name. `train` is (X, y); `test` too, or (X, None)."""
    index = np.arange(len(train[0])) if index is None else index
    test_index = len(index) + np.arange(len(test[0])) if test_index is None else test_index
    text = {
        "x_train.csv": _x(train[0], index),
        "y_train.csv": _y(train[1], index),
        "x_test.csv": _x(test[0], test_index),
    }
    return text if test[1] is None else text | {"y_test.csv": _y(test[1], test_index)}


def _x(X, index):
    lines = [",".join(("", *lol.FEATURES))]
    lines += [",".join([str(i), *(f"{value:.10g}" for value in row)]) for i, row in zip(index, X, strict=True)]
    return "\n".join(lines) + "\n"


def _y(y, index):
    return f",{lol.LABEL}\n" + "".join(f"{i},{label}\n" for i, label in zip(index, y, strict=True))


def permuted(y, seed):
    """As many ones as before, elsewhere."""
    return np.random.default_rng(seed).permutation(y)


# --- a linear model and its loss -----------------------------------------------------------------------------------


def toy(n, d, seed):
    """X (n, d) normal; y (n, 1) follows a plane, without noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, (X @ rng.normal(size=(d, 1)) > 0.2) * 1.0


def sigmoid(z):
    return 0.5 * (1 + np.tanh(z / 2))


def loss_each(weight, bias, X, y):
    """(n,): binary cross-entropy of the logits X w + b, one a row; y (n, 1)."""
    z = X @ weight + bias
    return np.logaddexp(0, z) - y[:, 0] * z


def slope(weight, bias, X, y):
    """(d,): the gradient of the mean loss with respect to the weight."""
    return X.T @ (sigmoid(X @ weight + bias) - y[:, 0]) / len(X)


def normalized(X, mean, var):
    """What a batch norm in eval mode makes of X."""
    return (X - mean) / np.sqrt(var + 1e-5)


# --- what tests share ------------------------------------------------------------------------------------------------


def batches(student, loader, name=LOADER):
    """One pass: a list of (x, y), data that is numeric but of any shape; a fault where it is no DataLoader of pairs."""
    checks.that(
        student.probe.is_loader(loader) is True,
        ko="make_loader의 결과가 torch.utils.data.DataLoader가 아닙니다.",
        en="make_loader does not return a torch.utils.data.DataLoader.",
    )
    said = student.probe.batches(loader)
    checks.that(
        type(said) is list and len(said) > 0,
        ko="make_loader의 DataLoader에서 배치가 하나도 나오지 않습니다.",
        en="The DataLoader of make_loader gives no batch at all.",
    )
    pairs = [checks.unpack(batch, 2, name=f"{name}: batch", parts=("x", "y")) for batch in said]
    for pair in pairs:
        for part, word in zip(pair, ("x", "y"), strict=True):
            values = checks.finite(part, name=f"{name}: {word}")
            checks.that(
                values.ndim > 0,
                ko=f"{name}: 배치의 {word}가 숫자 하나입니다.",
                en=f"{name}: {word} of a batch is a single number.",
            )
    return pairs


def whole(pairs):
    """All x (n, d) and all y (n,) of one pass, as float64."""
    rows = [checks.finite(x, name=f"{LOADER}: x") for x, _ in pairs]
    for row in rows:
        checks.shape(row, (len(row), *rows[0].shape[1:]), name=f"{LOADER}: x")
    return np.concatenate(rows), np.concatenate([checks.finite(y, name=f"{LOADER}: y").ravel() for _, y in pairs])


_NOTE = {"training": bool, "gradient": bool, "shape": list, "dtype": str, "device": str, "model": str}


def notes(student, model):
    """(a note for each forward pass, whether each backward pass found the gradient cleared, batches normed, place)."""
    said = student.probe.observations(model)
    kinds = {"seen": list, "cleared": list, "normed": int, "model": str}
    checks.mapping(said, kinds, name="observations")
    sound = all(type(said[key]) is kind for key, kind in kinds.items())
    sound = sound and all(type(note) is dict and _is_note(note) for note in said["seen"])
    checks.that(
        sound and all(type(one) is bool for one in said["cleared"]),
        ko="모델을 지켜본 기록이 망가져 있습니다.",
        en="The notes about how the model was used are broken.",
    )
    return said["seen"], said["cleared"], said["normed"], said["model"]


def _is_note(note):
    sound = all(type(note.get(key)) is kind for key, kind in _NOTE.items())
    return sound and len(note["shape"]) > 0 and all(type(n) is int for n in note["shape"])


def transfers(student):
    """What moved to and from a simulated GPU since the last reset; zeros where that is not known."""
    said, names = student.probe.transfers(), ("items", "to_host", "same_batch_twice")
    sound = type(said) is dict and all(type(said.get(name)) is int for name in names)
    return {name: said[name] if sound else 0 for name in names}


def is_on(place, device):
    """ "cuda:0" is on "cuda"."""
    return place.split(":")[0] == device.split(":")[0]


def place_of(value):
    """Where what came back was: tensors say so, all else is on the CPU."""
    return value.device if type(value) is Tensor else "cpu"


def weights(student, model):
    """(weight (d,), bias) of an observing model, as they are now."""
    said = student.probe.parameters(model)
    checks.that(
        type(said) is dict and {"linear.weight", "linear.bias"} <= set(said),
        ko="train: 받은 모델의 파라미터가 없어졌습니다.",
        en="train: the parameters of the model that came in are gone.",
    )
    weight = checks.finite(said["linear.weight"], name=f"{TRAIN}: weight").ravel()
    return weight, float(checks.finite(said["linear.bias"], name=f"{TRAIN}: bias").ravel()[0])


def fitted(student, folder, device, seed):
    """(model, scaler) of `fit`, kept inside."""
    both = student.probe.keep("fit", folder, device, seed)
    model, scaler, more = (student.probe.part(both, index) for index in range(3))
    checks.that(
        model is not None and scaler is not None and more is None,
        ko="fit의 결과는 (model, scaler) 두 개의 튜플이어야 합니다.",
        en="fit needs to return a tuple of two, (model, scaler).",
    )
    return model, scaler


# --- signs of a misconception ----------------------------------------------------------------------------------------


def sign(id, shown=True):
    """A context in which a wrong answer is a sign of this misconception, if it is shown at all."""
    return checks.misconception(id) if shown and id is not None else nullcontext()


def plain(value):
    """Numbers as float64, of any shape, with NaN if there are any; None for everything else."""
    if type(value) is Tensor:
        value = np.asarray(value)
    if type(value) in (list, tuple):
        try:
            return checks.finite(value, name="")
        except Failed:
            return None
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        return value.astype(np.float64)
    return np.asarray(float(value)) if type(value) in (bool, int, float) or isinstance(value, np.number) else None


def axis(value, shape):
    """What numbers of a wrong shape show: an axis of length 1 that is there or not, a single example squeezed away."""
    values = plain(value)
    if values is None or values.shape == shape:
        return None
    if values.shape == tuple(length for length in shape if length != 1) and shape[0] == 1:
        return "squeezed-single-example"
    return "column-or-vector" if values.shape in (shape[:-1], (*shape, 1)) and 1 in (*values.shape, *shape) else None


def raised(failed):
    """What the exception said that ended a call, for us alone; "" where none did."""
    return failed.detail.en if failed.verdict is Verdict.FAILED and failed.detail is not None else ""


def left_behind(student, model, device, failed):
    """What a call with an observing model ended of: a model, a batch or its target that stayed on the CPU, an answer
    that stayed on the GPU, a graph that nobody asked for. None for other ends."""
    said = raised(failed)
    if "requires grad" in said:
        return "gradient-kept-in-prediction"
    if "to numpy" in said:
        return "result-left-on-gpu"
    if "same device" not in said:
        return None
    seen, cleared, _, place = notes(student, model)
    if not is_on(place, device):
        return "model-not-moved"
    if not seen:
        return "batch-not-moved"
    return None if cleared else "target-not-moved"


def is_shipped(student, folder):
    """Whether load_split gives the same for this folder as for the shipped one."""
    try:
        one, other = (student.probe.part(student.probe.keep("load_split", name), 0) for name in (folder, SHIPPED))
        heads = [plain(student.probe.rows(part, 0, 5)) for part in (one, other) if part is not None]
        lengths = [student.probe.length(part) for part in (one, other) if part is not None]
    except Failed:
        return False
    return len(heads) == 2 and lengths[0] == lengths[1] and heads[0] is not None and np.array_equal(*heads)


def scaled(student, X, scaler):
    return checks.shape(student.probe.use("scale", X, scaler), X.shape, name=SCALE)


def chances(student, model, scaler, X, device):
    """(n,) of what the student's model says of raw X."""
    said = student.probe.use("predict_proba", model, scaled(student, X, scaler), device)
    return checks.shape(said, (len(X),), name=PREDICT)


def share(said, y):
    """The part of right answers."""
    return float(np.mean((said > 0.5) == (y > 0.5)))


def percent(value):
    return Text(f"정확도 {value:.1%}", f"accuracy {value:.1%}")


def right_on_board(student, model, scaler):
    """(6000,): which of the leaderboard's matches a model knows; None where it has no answer. It decides on no check
    and on no number of the report: such a model is not on the board, and that is all."""
    X, y, _, _ = board_matches()
    try:
        return (chances(student, model, scaler, X, "cpu") > 0.5) == (y > 0.5)
    except Failed:
        return None


# --- what is measured on matches held out ----------------------------------------------------------------------------

ACCURACY = Text("처음 보는 경기의 정확도", "accuracy on matches never seen")


def to_chance(curve, n):
    """The curve for n matches that it was not calibrated on: lower by as much as chance takes from a model that is
    just good enough, so that points are lost only where the whole 95 % interval lies below the target."""
    room = 1.96 * float(np.sqrt(curve.target * (1 - curve.target) / n))
    return checks.Curve(curve.baseline - room, curve.target - room)


def draw_winners(pictures, said, y):
    """Who won and who was said to win; and what became of matches by the chance that the model gave to blue."""
    counts = [[int(np.sum((y == truth) & ((said > 0.5) == guess))) for guess in (0, 1)] for truth in (0, 1)]
    title = Text("이긴 편과 모델이 답한 편", "Who won, and who the model said would")
    pictures.add(Confusion("winners", title, ["red", "blue"], counts))
    edges = np.linspace(0, 1, 6)
    bins = [(said >= low) & ((said < high) | (high == 1)) for low, high in pairwise(edges)]
    labels = [f"{100 * low:.0f}-{100 * high:.0f} %" for low, high in pairwise(edges)]
    shares = [[float(np.mean(values[b])) if b.any() else np.nan for b in bins] for values in (said, y)]
    names = Text("모델이 준 확률의 평균", "mean of the chances"), Text("블루가 이긴 비율", "share that blue won")
    title = Text("모델이 준 확률과 실제 승률", "The chances of the model, and who won")
    series = [Series.of(name, values) for name, values in zip(names, shares, strict=True)]
    pictures.add(Bars("chances", title, Text("모델이 준 확률", "chance"), Text("비율", "share"), labels, series))


def draw_losses(student, pictures):
    """The loss that `train` returns while a fresh model learns 512 matches; nothing where that does not work."""
    X, y = matches(512, 331)
    X = (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-9)
    try:
        loader = student.probe.tensor_loader(X, y[:, None], 64)
        losses = checks.losses(student.train(student.build_model(), loader, 8, 0.01, "cpu"), 8, name=TRAIN)
    except Failed:
        return
    title = Text("512경기를 8에폭 학습할 때의 손실", "The loss over 8 epochs of 512 matches")
    line = {Text("train이 돌려준 손실", "what train returned"): losses}
    pictures.add(Curves.of("train-loss", title, Text("에폭", "epoch"), Text("평균 손실", "mean loss"), line))
