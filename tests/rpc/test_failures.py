"""Whatever goes wrong inside becomes a sentence for the student, and never carries a hidden input out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from grader.assignment import Limits
from grader.failed import Failed
from grader.report import Verdict
from grader.rpc import Student

Lost = Callable[..., Failed]
SECRET = 86420

NOTEBOOK = """
import ctypes, os, sys, time
import numpy as np

def todo(x): raise NotImplementedError("write me")
def divides(x): return x / 0
def tells(x):
    raise ValueError(f"the input was {x}")
def names_its_error_after_the_input(x): raise type(f"Secret{x}", (Exception,), {})()
def hostile_text(x):
    class Hostile(ValueError):
        def __str__(self): raise RuntimeError(f"again {x}")
    raise Hostile
def control(x): raise KeyError("\\x1b[2J\\ud800 new\\nline")
def leaves(x): sys.exit(x)
def interrupts(x): raise KeyboardInterrupt(str(x))
def forges_a_line(x):
    code = compile("\\n" * (x - 1) + "raise ValueError", forges_a_line.__code__.co_filename, "exec")
    exec(code)
def forges_a_class(x): return type(f"Secret{x}", (), {"m": lambda self: 1 / 0, "broken": property(lambda self: 1 / 0)})()
def ends(x): os._exit(x % 200)
def segfaults(x): ctypes.string_at(0)
def sleeps(x): time.sleep(60)
def loops(x):
    while True: pass
def hoards(x):
    kept = []
    while True: kept.append(np.ones(1 << 20))
def closes(x):
    for descriptor in range(3, 64):
        try: os.close(descriptor)
        except OSError: pass
    os._exit(0)
def speaks(x):
    for descriptor in range(3, 64):
        try: os.write(descriptor, b"\\xff" * 4096)
        except OSError: pass
    time.sleep(60)
def huge(x): return np.zeros(9_000_000)
def too_deep(x):
    value = []
    for _ in range(100): value = [value]
    return value
def object_array(x): return np.array([object()], dtype=object)
def gives_a_generator(x): return (i for i in range(3))
class Bomb:
    def __reduce__(self): return os.system, ("id",)
def pickles(x): return Bomb()
def double(x): return 2 * x
number = 3
"""


@pytest.fixture
def student(open_notebook: Any) -> Student:
    return open_notebook("'first'", NOTEBOOK, defines={"forward": "(params, X)", "double": "(x)"})


def test_a_missing_name_is_told_with_its_signature(student: Student, lost: Lost) -> None:
    failure = lost(student.forward, 1)
    assert "`forward(params, X)` is not defined" in failure.message.en
    assert "`forward(params, X)`" in failure.message.ko
    assert failure.verdict is Verdict.FAILED
    assert "not defined" in lost(student.get, "forward").message.en


def test_a_wrong_signature_is_told_with_the_agreed_one(student: Student, lost: Lost) -> None:
    failure = lost(student.double, 1, 2)
    assert "define it as `double(x)`" in failure.message.en
    assert failure.detail is not None
    assert "`double(x)` now" in failure.detail.en
    assert "arguments" in lost(student.double, y=1).message.en


def test_what_is_not_a_function_cannot_be_called(student: Student, lost: Lost) -> None:
    assert "`number` is not a function" in lost(student.number, 1).message.en


def test_a_stub_is_said_to_be_not_implemented(student: Student, lost: Lost) -> None:
    failure = lost(student.todo, 1)
    assert failure.message.en == "`todo` is not implemented yet."
    assert failure.verdict is Verdict.FAILED
    assert failure.detail is None


def test_an_exception_is_told_by_kind_cell_and_line(student: Student, lost: Lost) -> None:
    failure = lost(student.divides, 1)
    assert failure.message.en == "`divides` raised ZeroDivisionError (cell 2, line 5)."
    assert "2번째 셀, 5번째 줄" in failure.message.ko
    assert failure.detail is not None
    assert "division by zero" in failure.detail.en
    assert failure.verdict is Verdict.FAILED


LEAKS = [
    "tells",
    "names_its_error_after_the_input",
    "hostile_text",
    "leaves",
    "interrupts",
    "forges_a_line",
    "ends",
]


@pytest.mark.parametrize("name", LEAKS)
def test_a_message_never_carries_the_input_out(student: Student, lost: Lost, name: str) -> None:
    message = lost(getattr(student, name), SECRET).message
    for text in (message.ko, message.en):
        assert str(SECRET) not in text
        assert str(SECRET % 200) not in text
    assert f"`{name}`" in message.en


def test_neither_does_the_class_of_a_returned_object(student: Student, lost: Lost) -> None:
    handle = student.forges_a_class(SECRET)
    texts = [repr(handle), str(lost(handle, 1).message), str(lost(handle.m).message)]
    texts += [str(lost(getattr, handle, name).message) for name in ("broken", "absent")]
    assert not [text for text in texts if str(SECRET) in text]
    assert "`forges_a_class(…).m` raised ZeroDivisionError" in texts[2]


def test_the_text_of_an_exception_is_a_detail_of_printable_characters(student: Student, lost: Lost) -> None:
    detail = lost(student.tells, 12).detail
    assert detail is not None
    assert detail.en == "ValueError: the input was 12"
    hostile = lost(student.control, 1).detail
    assert hostile is not None
    assert hostile.en.isprintable()
    hostile.en.encode()


@pytest.mark.parametrize("name", ["ends", "closes", "segfaults"])
def test_a_dead_process_is_a_crash_and_the_next_call_works(student: Student, lost: Lost, name: str) -> None:
    failure = lost(getattr(student, name), 3)
    assert failure.verdict is Verdict.CRASHED
    assert f"ended during a call of `{name}`" in failure.message.en
    assert ("SIGSEGV" in failure.message.en) == (name == "segfaults")
    assert student.double(4) == 8


@pytest.mark.parametrize("name", ["sleeps", "loops"])
def test_a_call_over_its_time_is_a_timeout_with_advice(open_notebook: Any, lost: Lost, name: str) -> None:
    student = open_notebook(NOTEBOOK, limits=Limits(call_seconds=1.5, suite_seconds=30))
    failure = lost(getattr(student, name), 3)
    assert failure.verdict is Verdict.TIMEOUT
    assert "over the limit of 1.5 seconds for one call" in failure.message.en
    assert "loop that never ends" in failure.message.en
    assert student.double(1) == 2


def test_a_call_over_its_memory_is_a_crash_that_names_the_limit(open_notebook: Any, lost: Lost) -> None:
    student = open_notebook(NOTEBOOK, limits=Limits(call_seconds=20, memory_mb=600))
    failure = lost(student.hoards, 3)
    assert failure.verdict is Verdict.CRASHED
    assert "600 MB of memory" in failure.message.en
    assert student.double(1) == 2


@pytest.mark.parametrize("name", ["huge", "too_deep", "object_array"])
def test_a_value_that_is_not_data_or_too_large_is_refused(student: Student, lost: Lost, name: str) -> None:
    if name == "object_array":  # a list of what it holds: nothing to refuse
        assert "in the box" in repr(student.object_array(1))
        return
    failure = lost(getattr(student, name), 1)
    assert failure.verdict is Verdict.REFUSED
    assert f"`{name}`" in failure.message.en
    assert "64 MB" in failure.message.en
    assert student.double(2) == 4


def test_garbage_on_the_socket_is_refused_and_the_next_call_works(student: Student, lost: Lost) -> None:
    failure = lost(student.speaks, 1)
    assert failure.verdict is Verdict.REFUSED
    assert "breaks the rules of the channel" in failure.message.en
    assert student.double(2) == 4


@pytest.mark.parametrize("name", ["gives_a_generator", "pickles"])
def test_objects_stay_inside_as_handles(student: Student, name: str) -> None:
    handle = getattr(student, name)(1)
    assert repr(handle) == f"<{name}(…) in the box>"


def test_a_call_prints_nothing_here(open_notebook: Any, capfd: pytest.CaptureFixture[str]) -> None:
    student = open_notebook("import os\ndef loud(): print('LOUD'); os.write(1, b'RAW'); os.write(2, b'RAW')")
    student.loud()
    assert capfd.readouterr() == ("", "")
