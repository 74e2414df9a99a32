"""Shared by all tests: warm processes, started once a session, and a word with what runs in a box."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from grader.assignment import Limits
from grader.rpc.session import Cell, Session
from grader.sandbox import Backend, Box, Warm, bubblewrap

pytest_plugins = ["chromium", "postgres"]  # the fixtures `chromium` and `database`, in the files of these names
NEEDS = ("torch", "matplotlib.pyplot", "pandas")
PATIENCE = 40.0  # seconds that a busy machine may take for what is done in one

# the same examples in every run, however slowly they come; `--hypothesis-profile=default` looks for others
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


class Guest:
    """Talks to the worker of one box: `run` a cell, ask the `value` of an expression."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def run(self, source: str, patience: float = PATIENCE) -> list[dict[str, Any]]:
        """The outputs of one cell; raises AssertionError where it raised."""
        outputs = []
        self.send(source)
        while True:
            before = self.box.channel.received
            answer = self.box.channel.receive(time.monotonic() + patience)
            self.box.count_output(self.box.channel.received - before)
            if "done" in answer:
                assert answer["done"]["fault"] is None, answer["done"]["fault"]
                return outputs
            outputs.append(answer["output"])

    def send(self, source: str) -> None:
        """Starts a cell and does not wait for it."""
        deadline = time.monotonic() + PATIENCE
        self.box.channel.send({"op": "cell", "id": 1, "index": 0, "source": source}, deadline=deadline)

    def value(self, source: str) -> Any:
        """The data that the last line of some code is worth."""
        *lines, last = source.strip().splitlines()
        self.run("\n".join([*lines, f"answer = ({last})"]))
        self.box.channel.send({"op": "get", "id": 2, "name": "answer"}, deadline=time.monotonic() + PATIENCE)
        return self.box.channel.receive(time.monotonic() + PATIENCE)["value"]


@pytest.fixture(scope="session")
def public_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public") / "data"
    (folder / "more").mkdir(parents=True)
    (folder / "gates.csv").write_text("a,b,y\n0,1,1\n")
    (folder / "more" / "note.txt").write_text("hello")
    return folder


@pytest.fixture(scope="session")
def warm_of(public_data: Path) -> Iterator[Callable[[Backend], Warm]]:
    """One warm process for each backend that is asked for, shared by the whole session."""
    with ExitStack() as stack:
        started: dict[Backend, Warm] = {}

        def get(backend: Backend) -> Warm:
            if backend is Backend.BUBBLEWRAP and backend not in started and (lack := bubblewrap.lacks()):
                pytest.skip(f"{lack.text.en} To mend it: {lack.mend}")
            if backend not in started:
                started[backend] = stack.enter_context(Warm(NEEDS, public_data, backend))
            return started[backend]

        yield get


@pytest.fixture
def sealed(warm_of: Callable[[Backend], Warm]) -> Warm:
    return warm_of(Backend.BUBBLEWRAP)


@pytest.fixture
def notebook(sealed: Warm) -> Callable[..., list[Cell]]:
    """Runs the code cells of a notebook in a sealed box: `notebook("x = 1", "x")`."""

    def run(*sources: str) -> list[Cell]:
        with Session(sealed, Limits(memory_mb=3000), list(enumerate(sources))) as session:
            session.run_notebook()
        return session.cells

    return run


@pytest.fixture(scope="session")
def wait_until() -> Callable[[Callable[[], bool], float], bool]:
    """`wait_until(holds, seconds)`: whether it came to hold within that time."""

    def wait(holds: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    return wait


@pytest.fixture(scope="session")
def guest_of() -> type[Guest]:
    """Puts a word in with a box: `guest_of(box).value("1 + 1")`."""
    return Guest
