"""Questions about a notebook that calls alone cannot answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.failed import Failed
from grader.report import Verdict
from grader.rpc import Handle, Student
from grader.suite import Tensor

Lost = Callable[..., Failed]

NOTEBOOK = """
import random, numpy as np, torch
from torch import nn
def by_hand(w): return 2 * np.asarray(w)
def by_autograd(w):
    w = torch.tensor(w, requires_grad=True)
    (w ** 2).sum().backward()
    return w.grad
def by_functional(w):
    w = torch.tensor(w, requires_grad=True)
    return torch.autograd.grad((w ** 2).sum(), w)[0]
def todo(w): raise NotImplementedError
def build(): return nn.Sequential(nn.Linear(2, 4), nn.Sequential(nn.Tanh(), nn.Dropout(0.5)), nn.Linear(4, 1))
def draw(): return [random.random(), float(np.random.rand()), float(torch.rand(()))]
def wrong_width(): return nn.Linear(7, 1)
"""


@pytest.fixture
def student(open_notebook: Any) -> Student:
    return open_notebook(NOTEBOOK, defines={"backward": "(w)"})


@pytest.mark.parametrize(("name", "used"), [("by_hand", False), ("by_autograd", True), ("by_functional", True)])
def test_autograd_is_noticed(student: Student, name: str, used: bool) -> None:
    assert student.probe.uses_autograd(name, [1.0, 2.0]) is used


def test_autograd_of_a_missing_function_or_a_stub_is_told_as_for_a_call(student: Student, lost: Lost) -> None:
    assert "`backward(w)` is not defined" in lost(student.probe.uses_autograd, "backward", [1.0]).message.en
    assert lost(student.probe.uses_autograd, "todo", [1.0]).message.en == "`todo` is not implemented yet."


def test_layers_are_the_leaves_in_order(student: Student) -> None:
    assert student.probe.layers(student.build()) == ["Linear", "Tanh", "Dropout", "Linear"]


def test_parameters_come_by_name_as_arrays(student: Student) -> None:
    shapes = {name: value.shape for name, value in student.probe.parameters(student.build()).items()}
    assert shapes == {"0.weight": (4, 2), "0.bias": (4,), "2.weight": (1, 4), "2.bias": (1,)}


def test_logits_are_those_of_eval_mode_and_leave_training_mode_alone(student: Student) -> None:
    model, X = student.build(), np.ones((3, 2))
    first, second = (np.asarray(student.probe.logits(model, given)) for given in (X, Tensor(X)))
    assert first.shape == (3, 1)
    np.testing.assert_array_equal(first, second)
    assert model.training is True


def test_a_module_is_known_from_other_objects(student: Student) -> None:
    assert student.probe.is_module(student.build()) is True
    assert student.probe.is_module(3) is False


def test_seeds_make_every_generator_repeat(student: Student) -> None:
    draws = []
    for seed in (3, 3, 4):
        student.probe.seed(seed)
        draws.append(student.draw())
    assert draws[0] == draws[1]
    assert all(a != b for a, b in zip(draws[0], draws[2], strict=True))


def test_a_probe_that_raises_names_what_it_asked_about(student: Student, lost: Lost) -> None:
    failure = lost(student.probe.logits, student.wrong_width(), np.ones((3, 2)))
    assert failure.message.en.startswith("`wrong_width(…)` raised RuntimeError")


# ------------------------------------------------------------------------------------------- objects that stay inside

KEEPING = """
from collections import namedtuple
import numpy as np, pandas as pd
Scaler = namedtuple("Scaler", "low high")
def fit(X): return Scaler(np.min(X, axis=0), np.max(X, axis=0))
def scale(X, scaler): return (X - scaler.low) / (scaler.high - scaler.low)
def spoil(X, scaler): X += 1
def table(X): return pd.DataFrame(X, columns=["a", "b"])
def columns(frame): return list(frame.columns)
def many(): return (1, [2.0], object())
def one(): return 7
def stub(X): raise NotImplementedError
number = 3
"""
X = np.array([[1.0, 2.0], [3.0, 6.0]])


@pytest.fixture
def keeper(open_notebook: Any) -> Student:
    return open_notebook(KEEPING)


def test_what_is_kept_stays_what_it_is(keeper: Student) -> None:
    scaler = keeper.probe.keep("fit", X)
    assert isinstance(scaler, Handle)  # as data it would have come back as a plain tuple, without the names
    np.testing.assert_array_equal(keeper.probe.use("scale", X, scaler), [[0, 0], [1, 1]])
    assert keeper.probe.use("columns", keeper.probe.keep("table", X)) == ["a", "b"]


def test_kept_things_can_be_made_of_kept_things(keeper: Student) -> None:
    scaled = keeper.probe.keep("scale", X, keeper.probe.keep("fit", X))
    np.testing.assert_array_equal(keeper.probe.reveal(scaled), [[0, 0], [1, 1]])


def test_what_was_kept_can_be_revealed_as_data(keeper: Student) -> None:
    low, high = keeper.probe.reveal(keeper.probe.keep("fit", X))
    np.testing.assert_array_equal(low, [1, 2])
    np.testing.assert_array_equal(high, [3, 6])
    assert keeper.probe.reveal(keeper.probe.keep("one")) == 7
    np.testing.assert_array_equal(keeper.probe.reveal(keeper.probe.keep("table", X)), X)


def test_arguments_are_seen_after_the_call_but_kept_ones_are_not(keeper: Student) -> None:
    scaler = keeper.probe.keep("fit", X)
    given = X.copy()
    after, hidden = keeper.probe.after("spoil", given, scaler)
    np.testing.assert_array_equal(after, X + 1)
    assert hidden is None
    np.testing.assert_array_equal(given, X)
    np.testing.assert_array_equal(keeper.probe.after("scale", X, scaler)[0], X)


def test_parts_are_kept_too_and_there_is_none_beyond_the_end(keeper: Student) -> None:
    many = keeper.probe.keep("many")
    parts = [keeper.probe.part(many, index) for index in range(3)]
    assert all(isinstance(part, Handle) for part in parts)
    assert [keeper.probe.reveal(part) for part in parts[:2]] == [1, [2.0]]
    assert isinstance(keeper.probe.reveal(parts[2]), Handle)
    assert keeper.probe.part(many, 3) is None
    assert keeper.probe.part(many, -1) is None
    assert keeper.probe.part(keeper.probe.keep("one"), 0) is None


@pytest.mark.parametrize("probe", ["keep", "use", "after"])
def test_a_call_that_goes_wrong_is_told_as_one_of_the_function(keeper: Student, lost: Lost, probe: str) -> None:
    ask = getattr(keeper.probe, probe)
    assert "`absent` is not defined" in lost(ask, "absent", X).message.en
    assert lost(ask, "stub", X).message.en == "`stub` is not implemented yet."
    assert lost(ask, "fit", X, X).message.en.startswith("`fit` raised TypeError")
    assert lost(ask, "number", X).message.en.startswith("`number` raised TypeError")


@pytest.mark.parametrize("probe", ["part", "reveal"])
def test_what_was_not_kept_has_no_parts(keeper: Student, lost: Lost, probe: str) -> None:
    handle = keeper.probe.reveal(keeper.probe.part(keeper.probe.keep("many"), 2))
    arguments = (0,) if probe == "part" else ()
    assert lost(getattr(keeper.probe, probe), handle, *arguments).message.en.startswith("`many(…)` raised")


def test_a_kept_table_tells_its_length_and_shows_some_rows(keeper: Student, lost: Lost) -> None:
    table = keeper.probe.keep("scale", X, keeper.probe.keep("fit", X))
    assert keeper.probe.length(table) == 2
    np.testing.assert_array_equal(keeper.probe.rows(table, 1, 5), [[1, 1]])
    number = keeper.probe.keep("one")
    assert lost(keeper.probe.length, number).message.en.startswith("`one(…)` raised TypeError")
    assert lost(keeper.probe.rows, number, 0, 1).message.en.startswith("`one(…)` raised TypeError")


LIARS = """
import torch
from torch.utils.data import DataLoader
class Posing:
    def __init__(self, kind): self.kind = kind
    @property
    def __class__(self): return self.kind
class Long(tuple):
    def __len__(self): return 1000
class Short(tuple):
    def __len__(self): return 0
class Broken(list):
    def __len__(self): raise SystemExit
    def __iter__(self): raise KeyboardInterrupt
def posing_tuple(): return Posing(tuple)
def posing_int(): return Posing(int)
def posing_loader(): return Posing(DataLoader)
def posing_tensor(): return Posing(torch.Tensor)
def long(): return Long([1, 2])
def short(): return Short([1, 2])
def broken(): return Broken([1, 2])
def take(x): return type(x).__name__
"""


@pytest.fixture
def liar(open_notebook: Any) -> Student:
    return open_notebook(LIARS)


def test_what_poses_as_a_tuple_has_no_parts(liar: Student) -> None:
    assert liar.probe.part(liar.probe.keep("posing_tuple"), 0) is None


def test_a_length_that_lies_costs_only_its_question(liar: Student, lost: Lost) -> None:
    assert lost(liar.probe.part, liar.probe.keep("long"), 5).message.en.startswith("`long(…)` raised IndexError")
    assert liar.probe.part(liar.probe.keep("short"), 0) is None
    assert lost(liar.probe.part, liar.probe.keep("broken"), 0).message.en.startswith("`broken(…)` raised SystemExit")
    assert liar.probe.reveal(liar.probe.keep("long")) == (1, 2)


@pytest.mark.parametrize("name", ["posing_tuple", "posing_int", "posing_tensor", "broken"])
def test_what_poses_as_data_is_refused_when_it_is_revealed(liar: Student, lost: Lost, name: str) -> None:
    kept = liar.probe.keep(name)
    assert lost(liar.probe.reveal, kept).verdict in (Verdict.FAILED, Verdict.REFUSED)
    assert isinstance(liar.probe.use("take", kept), str)  # the box lives on, and what was kept still goes in


# ------------------------------------------------------------------------------------------------------ files, loaders

FILES = """
import os
def listed(folder): return sorted(os.listdir(folder))
def text(path): return open(path, encoding="utf-8", newline="").read()
def there(path): return os.path.exists(path)
open("taken", "w").close()
"""


def test_files_are_written_as_they_are_into_the_working_folder(open_notebook: Any) -> None:
    box = open_notebook(FILES)
    box.probe.write_files("season/one", {"x.csv": "가,b\n1,2\n", "y.csv": ""})
    box.probe.write_files("season/one", {"y.csv": "1\r\n"})
    assert box.listed("season/one") == ["x.csv", "y.csv"]
    assert box.text("season/one/x.csv") == "가,b\n1,2\n"
    assert box.text("season/one/y.csv") == "1\r\n"


@pytest.mark.parametrize("name", ["../x.csv", "../../x.csv", "a/../../x.csv", "/tmp/x.csv", "..", ".", ""])
def test_a_file_name_that_leads_elsewhere_is_refused_and_nothing_is_written(
    open_notebook: Any, lost: Lost, name: str
) -> None:
    box = open_notebook(FILES)
    for folder, files in (("season", {"fine.csv": "1", name: "1"}), (name, {"fine.csv": "1"})):
        assert lost(box.probe.write_files, folder, files).message.en.startswith(f"`{folder}` raised ValueError")
    assert box.there("season") is False
    assert box.there("../x.csv") is False


def test_a_file_in_the_way_of_the_folder_is_told(open_notebook: Any, lost: Lost) -> None:
    failure = lost(open_notebook(FILES).probe.write_files, "taken", {"x.csv": "1"})
    assert failure.message.en.startswith("`taken` raised FileExistsError")


LOADERS = """
import itertools, time, torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
class Own(DataLoader): pass
class Forever(IterableDataset):
    def __iter__(self):
        for i in itertools.count():
            time.sleep(0.001)
            yield float(i)
def pairs(): return Own(TensorDataset(torch.arange(5.), torch.ones(5)), batch_size=2)
def singles(): return DataLoader(range(4), batch_size=2)
def endless(): return DataLoader(Forever(), batch_size=1)
def tables():
    class Tables:
        def __iter__(self): yield {"x": 1}
    return Tables()
def failing():
    class Failing:
        def __iter__(self):
            yield [1]
            raise RuntimeError("no more")
    return Failing()
def consume(loader): return [[list(x.shape), list(y.shape), str(x.dtype)] for x, y in loader]
"""


@pytest.fixture
def loading(open_notebook: Any) -> Student:
    return open_notebook(LOADERS)


def test_a_loader_is_known_from_what_poses_as_one(loading: Student, liar: Student) -> None:
    assert loading.probe.is_loader(loading.pairs()) is True
    assert loading.probe.is_loader(loading.failing()) is False
    assert loading.probe.is_loader(3) is False
    assert liar.probe.is_loader(liar.posing_loader()) is False


def test_a_pass_gives_the_parts_of_each_batch(loading: Student) -> None:
    said = loading.probe.batches(loading.pairs())
    assert [[np.asarray(part).tolist() for part in batch] for batch in said] == [
        [[0, 1], [1, 1]],
        [[2, 3], [1, 1]],
        [[4], [1]],
    ]
    assert [[np.asarray(part).tolist() for part in batch] for batch in loading.probe.batches(loading.singles())] == [
        [[0, 1]],
        [[2, 3]],
    ]
    assert loading.probe.batches(loading.tables()) == [[{"x": 1}]]


def test_a_pass_that_raises_or_cannot_begin_is_told(loading: Student, lost: Lost) -> None:
    assert lost(loading.probe.batches, loading.failing()).message.en.startswith("`failing(…)` raised RuntimeError")
    assert lost(loading.probe.batches, 3).message.en.startswith("`batches` raised TypeError")


def test_a_loader_that_never_ends_is_stopped_and_the_next_question_answered(loading: Student, lost: Lost) -> None:
    failure = lost(loading.probe.batches, loading.endless())
    assert failure.verdict is Verdict.TIMEOUT
    assert "during a call of `endless(…)`" in failure.message.en
    assert loading.probe.is_loader(loading.pairs()) is True


def test_our_loader_keeps_the_order_and_may_end_short(loading: Student) -> None:
    loader = loading.probe.tensor_loader(np.arange(10.0).reshape(5, 2), np.arange(5)[:, None], 2)
    assert loading.consume(loader) == [[[2, 2], [2, 1], "torch.float32"]] * 2 + [[[1, 2], [1, 1], "torch.float32"]]
    rows = [np.asarray(x) for x, _ in loading.probe.batches(loader)]
    np.testing.assert_array_equal(np.concatenate(rows), np.arange(10.0).reshape(5, 2))


def test_our_loader_of_parts_that_do_not_fit_is_told(loading: Student, lost: Lost) -> None:
    assert "AssertionError" in lost(loading.probe.tensor_loader, np.ones((5, 2)), np.ones((4, 1)), 2).message.en


# ------------------------------------------------------------------------------------------------- a model that notes

USERS = """
import torch
def predict(model, X):
    model.eval()
    with torch.no_grad():
        return model(torch.as_tensor(X).float())
def careless(model, X): return model(torch.as_tensor(X).float())
def train(model, X, clear):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        if clear:
            optimizer.zero_grad()
        model(torch.as_tensor(X).float()).sum().backward()
        optimizer.step()
def spoil(model): del model.seen
def pose(model):
    class Notes:
        def __iter__(self):
            while True:
                yield {}
    model.seen = Notes()
def build(): return torch.nn.Linear(2, 1)
"""
ROWS = np.array([[1.0, 2.0], [3.0, -4.0], [0.0, 5.0]])


@pytest.fixture
def user(open_notebook: Any) -> Student:
    return open_notebook(USERS)


def test_our_model_is_the_linear_one_and_notes_a_right_use(user: Student) -> None:
    model = user.probe.observing_model([2.0, -1.0], 0.5)
    np.testing.assert_allclose(user.predict(model, ROWS), [[0.5], [10.5], [-4.5]])
    said = user.probe.observations(model)
    note = {"training": False, "gradient": False, "shape": [3, 2], "dtype": "torch.float32"}
    assert said == {
        "seen": [note | {"device": "cpu", "model": "cpu"}],
        "cleared": [],
        "normed": 0,
        "model": "cpu",
    }


def test_train_mode_gradients_and_batch_statistics_are_noted(user: Student) -> None:
    model = user.probe.observing_model([2.0, -1.0], 0.5, dropout=0.5, mean=[0.0, 1.0], var=[1.0, 4.0])
    user.careless(model, ROWS)
    said = user.probe.observations(model)
    assert (said["seen"][0]["training"], said["seen"][0]["gradient"], said["normed"]) == (True, True, 1)


def test_a_batch_norm_in_front_has_the_statistics_that_it_is_given(user: Student) -> None:
    model = user.probe.observing_model([2.0, -1.0], 0.5, mean=[1.0, 2.0], var=[4.0, 9.0])
    scaled = (ROWS - [1, 2]) / np.sqrt(np.array([4, 9]) + 1e-5)
    np.testing.assert_allclose(np.asarray(user.predict(model, ROWS))[:, 0], scaled @ [2, -1] + 0.5, rtol=1e-5)
    assert user.probe.observations(model)["normed"] == 0


@pytest.mark.parametrize("clear", [True, False])
def test_gradients_that_are_not_cleared_are_noted(user: Student, clear: bool) -> None:
    model = user.probe.observing_model([2.0, -1.0], 0.5)
    user.train(model, ROWS, clear)
    assert user.probe.observations(model)["cleared"] == [True, clear, clear]


def test_only_our_model_has_notes_and_notes_can_be_spoiled(user: Student, lost: Lost) -> None:
    assert lost(user.probe.observations, user.build()).message.en.startswith("`build(…)` raised AttributeError")
    model = user.probe.observing_model([2.0, -1.0], 0.5)
    user.spoil(model)
    failure = lost(user.probe.observations, model)
    assert failure.message.en.startswith("`observing_model(…)` raised AttributeError")


def test_notes_that_never_end_are_stopped(user: Student, lost: Lost) -> None:
    model = user.probe.observing_model([2.0, -1.0], 0.5)
    user.pose(model)
    assert lost(user.probe.observations, model).verdict in (Verdict.TIMEOUT, Verdict.CRASHED)


def test_a_model_of_another_width_is_told(user: Student, lost: Lost) -> None:
    model = user.probe.observing_model([2.0, -1.0, 3.0], 0.5)
    assert lost(user.predict, model, ROWS).message.en.startswith("`predict` raised RuntimeError")
    assert lost(user.probe.observing_model, 3.0, 0.5).message.en.startswith("`observing_model` raised TypeError")
