"""What the tests of calls share: each notebook runs in a box of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from grader.assignment import Limits
from grader.failed import Failed
from grader.rpc import Session, Student
from grader.sandbox import Warm

QUICK = Limits(notebook_seconds=20, call_seconds=3, suite_seconds=30, memory_mb=700)
Open = Callable[..., Student]


@pytest.fixture
def open_notebook(sealed: Warm) -> Iterator[Open]:
    """`open_notebook(source, ...)` runs a notebook of these cells and gives the student."""
    with ExitStack() as stack:

        def opened(*cells: str, limits: Limits = QUICK, defines: dict[str, str] | None = None) -> Student:
            sources = [(index, textwrap.dedent(cell).strip("\n")) for index, cell in enumerate(cells)]
            session = stack.enter_context(Session(sealed, limits, sources))
            session.run_notebook()
            return Student(session, defines or {}, {i: source.count("\n") + 1 for i, source in sources})

        yield opened


@pytest.fixture(scope="session")
def lost() -> Callable[..., Failed]:
    """`lost(ask, *args)` gives the `Failed` of a question, which must be a sentence in each language."""

    def caught(ask: Callable[..., object], *args: object, **kwargs: object) -> Failed:
        with pytest.raises(Failed) as failure:
            ask(*args, **kwargs)
        message = failure.value.message
        assert any("가" <= letter <= "힣" for letter in message.ko)
        assert message.en
        assert message.en != message.ko
        for text in (message.ko, message.en):
            assert "Traceback" not in text
            assert "grader" not in text
            assert 'File "' not in text
        return failure.value

    return caught
