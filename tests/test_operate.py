"""docs/operate.md: every command is run as it stands there, in order, in a fresh home; the units are sound."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import pytest
from commands.conftest import MUTANT, RIGHT, SOLUTION, TEST, TOML, text_of
from postgres import Cluster

from grader.cli import cli
from webapp import hosts

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```([a-z]+)((?: [a-z-]+)*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARKS = {"no-test", "background", "postgres"}
UNIT = re.compile(
    r"`/etc/systemd/system/([a-z-]+\.(?:service|timer))`[^`]*```ini\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
NBGRADER = ROOT / "tests" / "course" / "fixtures" / "nbgrader"
MENDED = TEST.replace("student.double(4), 8", "student.double(5), 10")
# as an instructor does before the section "Regrade"
MEND = "cp mended.py reference/perceptron/hidden_tests/test_double.py"
BATCH = """"$(grep -o 'commit [0-9a-f]*' said.txt | tail -n 1 | cut -d ' ' -f 2)\""""
PATIENCE_S = 180


def blocks(kind: str = "sh") -> Iterator[tuple[set[str], str]]:
    """The fenced blocks of a language, each with its marks, in their order."""
    for found in BLOCK.finditer(TEXT):
        if found[1] == kind:
            yield set(found[2].split()), found[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What an instructor has: an assignment, a notebook, the page's list of people, a course of nbgrader."""
    ((_, people),) = blocks("csv")
    files = {
        "assignments/perceptron/assignment.toml": TOML.replace('id = "doubling"', 'id = "perceptron"'),
        "assignments/perceptron/notebook.ipynb": text_of("def double(x):\n    raise NotImplementedError"),
        "reference/perceptron/hidden_tests/test_double.py": TEST,
        "reference/perceptron/solution.ipynb": text_of(SOLUTION),
        "reference/perceptron/mutants/square.py": MUTANT,
        "mended.py": MENDED,
        "my.ipynb": text_of(RIGHT),
        "people.csv": people,
    }
    for name, content in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    shutil.copytree(NBGRADER, tmp_path / "ml101")
    return tmp_path


class Shell:
    """One shell, in which a block sees what the ones before it have set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = folder / "said.txt"
        self.ends = folder / "ended.txt"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GRADER_")}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        environment |= {"HOME": str(folder), "COLUMNS": "80", "GRADER_REFERENCE": str(folder / "reference")}
        environment["GRADER_ASSIGNMENTS"] = str(folder / "assignments")
        self.log = self.said.open("wb")
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
        )

    def run(self, block: str) -> str:
        """What a block says; each of its lines has to end well."""
        start, self.ends = self.said.stat().st_size, self.folder / f"ended-{time.monotonic_ns()}.txt"
        (self.folder / "block.sh").write_text(block, encoding="utf-8")
        self._write(f"set -e -o pipefail\n. ./block.sh < /dev/null\nset +e\necho done > {self.ends}\n")
        deadline = time.monotonic() + PATIENCE_S
        while not self.ends.exists() and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        said = self.said.read_bytes()[start:].decode(errors="replace")
        assert self.ends.exists(), f"{block}\n{said}"
        return said

    def begin(self, block: str) -> int:
        """Starts what goes on in another terminal; its process."""
        self._write(
            f"{block.partition('#')[0].strip()} > worker.txt 2>&1 &\necho $! > pid.txt.new\nmv pid.txt.new pid.txt\n"
        )
        file, deadline = self.folder / "pid.txt", time.monotonic() + PATIENCE_S
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        pid = int(file.read_text())
        file.unlink()
        return pid

    def until(self, command: str, holds: Callable[[str], bool]) -> None:
        """Asks until the answer is as it should be."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(said := self.run(command)):
            assert time.monotonic() < deadline, said + (self.folder / "worker.txt").read_text()
            time.sleep(0.2)

    def _write(self, words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(words.encode())
        self.process.stdin.flush()

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.log.close()


@contextmanager
def shell_in(folder: Path) -> Iterator[Shell]:
    shell = Shell(folder)
    try:
        yield shell
    finally:
        shell.close()


@contextmanager
def in_background(shell: Shell, block: str) -> Iterator[None]:
    """A worker in another terminal, which at the end is told to stop and does so in good order."""
    pid = shell.begin(block)
    try:
        shell.until("grader status --json", lambda said: '"alive": true' in said)
        yield
    finally:
        os.kill(pid, signal.SIGTERM)
    assert shell.run(f"wait {pid} && echo stopped well").strip().endswith("stopped well")


def graded(email: str) -> Callable[[str], bool]:
    return lambda said: f'"email": "{email}", "score": 100.0' in said


def test_every_block_is_in_a_language_and_has_marks_that_are_known() -> None:
    assert TEXT.count("\n```") == 2 * len(BLOCK.findall(TEXT))
    assert {kind for kind, _, _ in BLOCK.findall(TEXT)} == {"sh", "csv", "ini"}
    assert all(marks <= MARKS for marks, _ in blocks())


def test_what_no_test_runs_needs_root_or_another_version() -> None:
    lines = [line for marks, block in blocks() if "no-test" in marks for line in block.splitlines()]
    assert len(lines) < 20
    assert not [line for line in lines if not re.match(r"sudo |echo .*sudo |journalctl |git pull", line)]


@pytest.mark.slow
def test_every_command_of_the_page_works_as_it_stands_there(folder: Path) -> None:
    with shell_in(folder) as shell, ExitStack() as worker:
        for marks, block in blocks():
            if marks & {"no-test", "postgres"}:
                continue
            if "background" in marks:
                worker.enter_context(in_background(shell, block))
                continue
            if "course export" in block:  # the worker of the section before has graded what waited
                shell.until("grader grades perceptron --json", graded("jun@example.com"))
                worker.close()
            if "regrade perceptron --dry-run" in block:
                shell.run(MEND)
            shell.run(block.replace("BATCH", BATCH))
    said = (folder / "said.txt").read_text(encoding="utf-8", errors="replace")
    assert "perceptron is published, version 2" in said
    assert "It counts now" in said
    assert "Forgotten." in said
    assert (folder / "dl-2026").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def owned(postgres: Cluster) -> Iterator[Callable[[str], str]]:
    """Databases of the names on the page, owned by a role that may do nothing else; their addresses."""
    names = ("grader", "grader_check")
    postgres.run("CREATE ROLE operator LOGIN")
    for name in names:
        postgres.run(f"CREATE DATABASE {name} OWNER operator TEMPLATE template0")
    yield lambda name: f"postgresql+psycopg://operator@/{name}?host={postgres.folder}"
    for name in names:
        postgres.drop(name)
    postgres.run("DROP ROLE operator")


@pytest.mark.slow
def test_the_commands_for_postgresql_work_as_they_stand_there(
    folder: Path, owned: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = re.compile(r"postgresql\+psycopg://grader:PASSWORD@localhost/(\w+)")
    with shell_in(folder) as shell, ExitStack() as workers:
        shell.run("export GRADER_HOME=~/home")
        for marks, block in blocks():
            if "postgres" not in marks:
                continue
            if "background" in marks:
                workers.close()
                workers.enter_context(in_background(shell, block))
                continue
            shell.run(address.sub(lambda found: owned(found[1]), block))
            if "jun@example.com" in block:
                shell.until("grader grades perceptron --json", graded("jun@example.com"))


def test_the_units_are_sound(tmp_path: Path) -> None:
    units = dict(UNIT.findall(TEXT))
    assert len(units) == len(list(blocks("ini"))) == 4
    for name, text in units.items():
        (tmp_path / name).write_text(text.replace("/opt/grader/.venv/bin/grader", sys.executable), encoding="utf-8")
    if shutil.which("systemd-analyze"):
        files = [str(tmp_path / name) for name in units]
        done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not [line for line in done.stderr.splitlines() if str(tmp_path) in line or "grader" in line]


def test_the_worker_runs_as_an_ordinary_user_and_can_make_boxes() -> None:
    worker = read_unit("grader-worker.service")["Service"]
    assert worker["User"] == "grader"
    assert worker["StateDirectoryMode"] == "0700"
    assert worker["UMask"] == "0077"
    assert worker["KillMode"] == "mixed"
    drain = next(one for one in cli.commands["worker"].params if one.name == "drain_seconds")
    assert isinstance(drain.default, float)
    assert int(worker["TimeoutStopSec"]) > drain.default + 15
    forbidden = re.findall(r"`(\w+)`", TEXT.split("must not be there:")[1].split("\n- ")[0])
    assert len(forbidden) > 5
    assert not set(worker) & set(forbidden)


def test_the_web_is_started_as_its_verb_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    web = read_unit("grader-web.service")["Service"]
    program, verb, *words = web["ExecStart"].split()
    assert (Path(program).name, verb) == ("grader", "serve")
    public = re.search(r"GRADER_PUBLIC_URL=(\S+)", TEXT)
    assert public
    monkeypatch.setenv("GRADER_PUBLIC_URL", public[1])
    asked = cli.commands[verb].make_context(verb, words).params
    assert asked["behind_proxy"]
    assert asked["no_worker"]
    assert hosts.address(asked["public_url"]) == public[1]


def read_unit(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(dict(UNIT.findall(TEXT))[name])
    return unit


def test_every_rule_is_in_the_table_with_what_it_is() -> None:
    from grader.course.policy import Policy

    table = TEXT.split("| rule |")[1].split("\n\n")[0]
    for name, value in Policy().as_json().items():
        assert f"`{name}`" in table
        shown = "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        row = next(line for line in table.splitlines() if f"`{name}`" in line)
        assert shown in row.split("|")[2], row


def test_every_verb_and_option_of_the_page_exists() -> None:
    lines = [line.partition("#")[0] for _, block in blocks() for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]*)`", re.sub(BLOCK, "", TEXT))
    found = [words for line in lines for words in re.findall(r"(?:^|bin/|' )grader ([a-z][^|;]*)", line)]
    assert len(found) > 50
    for words in found:
        verb, *rest = words.split()
        command = cli.commands.get(verb)
        assert command is not None, words
        if isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            command = command.commands[rest[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", words)) <= known, words
