"""Questions about a notebook that calls alone cannot answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.failed import Failed
from grader.rpc import Student
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
