"""Faults of ours: one tree, each with a sentence in both languages."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from grader import errors
from grader.errors import BadInput, BadNotebook, GraderError, UnknownAssignment
from grader.failed import Failed
from grader.report import Verdict
from grader.text import Text

TEXT = Text("한 문단", "one paragraph")
TREE = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, Exception)]


@pytest.mark.parametrize("error", TREE)
def test_each_carries_both_languages(error: type[GraderError]) -> None:
    assert error(TEXT).text == TEXT
    assert str(error(TEXT)) == "one paragraph"


def test_the_tree_in_the_docstring_is_the_real_one() -> None:
    drawn = re.findall(r"^[│├└─ ]*([A-Z]\w+)  ", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted(cls.__name__ for cls in TREE)
    assert issubclass(BadNotebook, BadInput)
    assert issubclass(UnknownAssignment, BadInput)


def test_a_students_fault_is_none_of_ours() -> None:
    assert not issubclass(Failed, GraderError)
    assert Failed(TEXT).verdict is Verdict.FAILED
    assert Failed(TEXT).detail is None


@pytest.mark.parametrize("error", TREE)
def test_each_survives_the_way_from_a_worker_process(error: type[GraderError]) -> None:
    assert pickle.loads(pickle.dumps(error(TEXT))).text == TEXT
