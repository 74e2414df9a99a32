"""Objects that stay in the box."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.failed import Failed
from grader.report import Verdict
from grader.rpc import Handle, Student

Lost = Callable[..., Failed]

NOTEBOOK = """
import os, torch
class Stopper:
    def __init__(self, patience): self.patience, self.seen, self.best = patience, [], None
    def step(self, loss):
        self.seen.append(loss)
        return len(self.seen) > self.patience
    def __call__(self, x): return x + self.patience
    def crash(self): os._exit(1)
    def other(self): return Stopper(self.patience + 1)
    @property
    def broken(self): return 1 / 0
def make(patience=2): return Stopper(patience)
def many(n): return [Stopper(i) for i in range(n)]
def look(stopper, by=0): return stopper.patience + by
def inside(box): return box["list"][0].patience
def uncallable(): return object()
def model(): return torch.nn.Linear(2, 1)
def double(x): return 2 * x
"""


@pytest.fixture
def student(open_notebook: Any) -> Student:
    return open_notebook(NOTEBOOK)


def test_an_attribute_is_its_value(student: Student) -> None:
    stopper = student.make(5)
    assert isinstance(stopper, Handle)
    assert stopper.patience == 5
    assert stopper.best is None
    assert stopper.seen == []


def test_a_method_is_called_in_the_box_and_changes_the_object_there(student: Student) -> None:
    stopper = student.make(1)
    assert [stopper.step(0.5), stopper.step(loss=0.6)] == [False, True]
    assert stopper.seen == [0.5, 0.6]
    step = stopper.step
    assert step(0.7) is True


def test_an_object_can_be_called_itself(student: Student, lost: Lost) -> None:
    assert student.make(5)(10) == 15
    assert "`uncallable(…)` is not a function" in lost(student.uncallable()).message.en


def test_a_handle_goes_back_in_alone_by_name_and_inside_containers(student: Student) -> None:
    stopper = student.make(5)
    assert student.look(stopper) == 5
    assert student.look(stopper=stopper, by=2) == 7
    assert student.inside({"list": [stopper]}) == 5
    assert student.each("look", [(stopper, 1), (stopper, 2)]) == [6, 7]


def test_handles_come_back_inside_containers_and_from_methods(student: Student) -> None:
    assert [each.patience for each in student.many(3)] == [0, 1, 2]
    assert student.make(1).other().other().patience == 3


def test_attributes_of_a_module_are_data_too(student: Student) -> None:
    model = student.model()
    assert np.asarray(model.weight).shape == (1, 2)
    assert model.training is True
    assert model.eval().training is False


def test_a_missing_attribute_is_told_and_hasattr_is_false(student: Student, lost: Lost) -> None:
    stopper = student.make()
    assert hasattr(stopper, "patience")
    assert not hasattr(stopper, "best_loss")
    failure = lost(getattr, stopper, "best_loss")
    assert failure.message.en == "What `make(…)` gave has no attribute `best_loss`."
    assert failure.verdict is Verdict.FAILED


def test_what_a_property_raises_is_told(student: Student, lost: Lost) -> None:
    failure = lost(getattr, student.make(), "broken")
    assert failure.message.en == "`make(…).broken` raised ZeroDivisionError (cell 1, line 11)."


def test_python_may_look_at_a_handle_without_asking_the_box(student: Student) -> None:
    stopper = student.make()
    assert not hasattr(stopper, "__array__")
    assert not dataclasses.is_dataclass(stopper)
    assert "in the box" in repr(stopper)


def test_a_crash_makes_every_handle_stale(student: Student, lost: Lost) -> None:
    stopper, step = student.make(), student.make().step
    assert lost(stopper.crash).verdict is Verdict.CRASHED
    fresh = student.make(9)  # another object under the number of the first
    stale: list[Callable[[], object]] = [
        lambda: stopper.patience,
        lambda: stopper(1),
        lambda: step(0.5),
        lambda: student.look(stopper),
        lambda: student.each("look", [(stopper,)]),
    ]
    for use in stale:
        failure = lost(use)
        assert failure.verdict is Verdict.CRASHED
        assert "object that it had made is lost" in failure.message.en
    assert fresh.patience == 9


def test_a_method_that_crashed_costs_neither_its_maker_nor_its_neighbours(student: Student, lost: Lost) -> None:
    lost(student.make().crash)
    again = student.make()
    assert "not called again" in lost(lambda: again.crash()).message.en
    assert again.step(1.0) is False
