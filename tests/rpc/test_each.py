"""Many calls in one request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.assignment import Limits
from grader.failed import Failed
from grader.report import Verdict
from grader.rpc import Student

Lost = Callable[..., Failed]

NOTEBOOK = """
import os, time, numpy as np
def square(x): return x * x
def picky(x):
    if x == 5: raise ValueError("five")
    return x
def dies_at_five(x):
    if x == 5: os._exit(0)
    return x
def total(a): return float(a.sum())
def slow(x): time.sleep(0.2); return x
def large(x): return np.zeros(2_000_000)
def computed(): return time.process_time()
"""


@pytest.fixture
def student(open_notebook: Any) -> Student:
    return open_notebook(NOTEBOOK)


def test_values_come_in_the_order_of_the_questions(student: Student) -> None:
    assert student.each("square", [(i,) for i in range(1000)]) == [i * i for i in range(1000)]


def test_no_questions_give_no_answers(student: Student) -> None:
    assert student.each("square", []) == []


def test_thousands_of_calls_take_less_than_a_second_or_two(student: Student) -> None:
    questions = [(i,) for i in range(6000)]
    started = time.process_time() + student.computed()
    student.each("square", questions)
    assert 6000 / (time.process_time() + student.computed() - started) > 2000  # by what both ends compute


def test_questions_of_many_megabytes_are_sent_in_parts(student: Student) -> None:
    arrays = [(np.full(300_000, i, dtype=float),) for i in range(8)]
    assert student.each("total", arrays) == [300_000.0 * i for i in range(8)]


def test_one_that_raises_is_told_and_the_next_call_is_not_confused(student: Student, lost: Lost) -> None:
    failure = lost(student.each, "picky", [(i,) for i in range(10)])
    assert failure.message.en == "`picky` raised ValueError (cell 1, line 4)."
    assert student.each("picky", [(1,), (2,)]) == [1, 2]
    assert student.square(3) == 9


def test_one_that_kills_the_box_is_a_crash(student: Student, lost: Lost) -> None:
    assert lost(student.each, "dies_at_five", [(i,) for i in range(10)]).verdict is Verdict.CRASHED
    assert student.square(3) == 9


def test_a_missing_name_is_told_once(student: Student, lost: Lost) -> None:
    assert "not defined" in lost(student.each, "absent", [(1,), (2,)]).message.en


def test_the_budget_of_all_calls_ends_a_long_row_of_slow_ones(open_notebook: Any, lost: Lost) -> None:
    student = open_notebook(NOTEBOOK, limits=Limits(call_seconds=0.5, suite_seconds=0.8))
    started = time.monotonic()
    failure = lost(student.each, "slow", [(i,) for i in range(100)])
    assert time.monotonic() - started < 15  # they would take twenty
    assert failure.verdict is Verdict.TIMEOUT


def test_replies_that_are_large_only_together_are_refused(student: Student, lost: Lost) -> None:
    failure = lost(student.each, "large", [(i,) for i in range(20)])
    assert failure.verdict is Verdict.REFUSED
    assert student.square(3) == 9
