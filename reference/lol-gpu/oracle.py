"""Independent answers for `lol-gpu`, with numpy alone, and the matches whose labels never enter the box.

`held_out/matches.npz` holds 4,000 matches made with another seed than the shipped ones (and, for the instructor, the
answers of the shipped x_test.csv as `shipped_y_test`). All other matches are made here, from seeds of their own.
"""

from functools import cache
from pathlib import Path

import numpy as np

from grader import lol
from grader.suite import Tensor, Text, checks

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
