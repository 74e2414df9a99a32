"""A small course with people, an assignment and graded submissions, and browsers that are signed in."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from flask import Flask
from flask.testing import FlaskClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from postgres import Cluster
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import jobs
from grader.assignment import Catalog
from grader.course import people, publishing, submissions
from grader.misconception import Misconception, Topic
from grader.picture import Curves
from grader.report import CellResult, CheckResult, Metric, Report, Status, Verdict, Visibility
from grader.security import Attempt, Ending, Kind, Security
from grader.store.database import Database, Home
from grader.store.models import Assignment, Person, Role, Run, Source, State
from grader.store.schema import prepare
from grader.text import Text
from webapp import create_app, passwords

DAY = timedelta(days=1)
PASSWORD = "correct horse battery"
# what no student may ever read: of a secret check, of one that waits for the due date, and of other students
SECRET = ("SECRET-TITLE", "SECRET-MESSAGE", "SECRET-HINT", "SECRET-BELIEF", "SECRET-PATH", "secret_group.trap")
LATER = ("LATER-MESSAGE",)
OTHERS = ("JUNO-OUTPUT", "JUNO-COMMENT")
ON_BOTH = {"test_access", "test_staff_pages"}  # every page, and every role, on PostgreSQL, too
TOML = """
id = "doubling"
week = 1
[title]
ko = "두 배 만들기"
en = "Doubling"
[defines]
double = "(x)"
"""
TEST = """
import pytest
from grader.suite import checks
@pytest.mark.points(100)
@pytest.mark.title(ko="두 배", en="twice")
def test_values(student):
    checks.number(student.double(4), 8, name="double(4)")
"""
TOPIC = Topic("gradients", 2, Text("기울기", "Gradients"))
BELIEF = Misconception(
    "sum-is-mean",
    TOPIC,
    Text("합과 평균을 섞음", "Takes a sum for a mean"),
    Text("평균 손실의 기울기는 개수로 나눕니다.", "The gradient of a mean loss is divided by the count."),
)
HIDDEN_BELIEF = Misconception(
    "trap", TOPIC, Text("SECRET-BELIEF", "SECRET-BELIEF"), Text("SECRET-BELIEF", "SECRET-BELIEF")
)
PEOPLE = (
    ("teacher", "한선생", Role.INSTRUCTOR, None),
    ("helper", "오조교", Role.ASSISTANT, None),
    ("mina", "김미나", Role.STUDENT, "A"),
    ("juno", "이준호", Role.STUDENT, "A"),
    ("sora", "박소라", Role.STUDENT, "B"),
)


def notebook(words: str, *, output: str = "") -> bytes:
    """A notebook that says these words, with an output where it is one that was executed."""
    outputs = [new_output("stream", name="stdout", text=output)] if output else []
    code = new_code_cell(
        "def double(x):\n    return 2 * x", id="b", outputs=outputs, execution_count=1 if output else None
    )
    return nbformat.writes(new_notebook(cells=[new_markdown_cell(f"# {words}", id="a"), code])).encode()


def graded(values: float, shape: bool = True) -> Report:
    """A report in which the visible check has these points of 60."""
    right = values == 60
    checks = (
        CheckResult(
            *("double.values", Text("두 배의 값", "Values of double"), values, 60.0),
            *(Verdict.PASSED if right else Verdict.FAILED, Visibility.VISIBLE),
            message=None if right else Text("double(4)가 8이 아니라 16입니다.", "double(4) is 16, not 8."),
            hint=None
            if right
            else Text("x를 두 번 더해 보세요.\n그다음 곱셈으로 바꿔 보세요.", "Add x twice.\nThen make it a product."),
            misconception=None if right else BELIEF,
        ),
        CheckResult(
            *("double.shape", Text("배열도 받는다", "Takes arrays"), 20.0 * shape, 20.0),
            *(Verdict.PASSED if shape else Verdict.FAILED, Visibility.HIDDEN),
            message=None if shape else Text("배열의 모양이 바뀝니다.", "The shape of an array changes."),
            hint=None if shape else Text("for를 쓰지 마세요.", "Use no loop."),
        ),
        CheckResult(
            *("edges.zero", Text("0에서", "At zero"), 0.0, 10.0, Verdict.FAILED, Visibility.AFTER_DUE),
            message=Text("LATER-MESSAGE", "LATER-MESSAGE"),
            hint=Text("0을 넣어 보세요.", "Try 0."),
        ),
        CheckResult(
            *("secret_group.trap", Text("SECRET-TITLE", "SECRET-TITLE"), 0.0, 10.0, Verdict.FAILED, Visibility.SECRET),
            message=Text("SECRET-MESSAGE", "SECRET-MESSAGE"),
            hint=Text("SECRET-HINT", "SECRET-HINT"),
            misconception=HIDDEN_BELIEF,
        ),
    )
    loss = Curves.of(
        "loss",
        Text("손실", "Loss"),
        Text("에폭", "epoch"),
        Text("손실", "loss"),
        {Text("내 모델", "mine"): [3.0, 2.0, 1.5, 1.2]},
    )
    accuracy = Metric(0.81, 0.74, 0.87, 200, 0.9, Text("정확도", "Accuracy"))
    cells = (CellResult(0, "ok", 0.1), CellResult(1, "error", 0.2, "NameError, line 3: name 'y' is not defined"))
    return Report(
        *("doubling", "0123456789ab", "f" * 64, Status.GRADED),
        checks=checks,
        cells=cells if not right else (CellResult(1, "ok", 0.1),),
        metrics={"accuracy": accuracy},
        pictures=(loss,),
        environment={"python": "3.11"},
        seconds={"total": 1.5},
        security=Security(1234 << 20, 3, (Ending("memory_mb", 2048),), (Attempt(Kind.FILE, "/SECRET-PATH", 7),)),
    )


def refused() -> Report:
    """Of a file that is no notebook."""
    reason = Text("노트북 파일이 아닙니다.", "This is no notebook.")
    return Report("doubling", "0123456789ab", "f" * 64, Status.NOT_GRADABLE, reason)


def finish(session: Session, run: Run, report: Report, executed: bytes | None = None) -> None:
    """What a worker does with a run."""
    row = session.get_one(Run, run.id)
    row.state, row.fence, row.tries = State.RUNNING, row.fence + 1, row.tries + 1
    row.started_at = row.requested_at
    session.flush()
    assert submissions.finish(session, row, row.fence, report, executed)


def fill(home: Home, shelf: Path, now: datetime) -> None:
    """The course `dl`: mina has two graded submissions, juno one that is no notebook and one that waits, sora none.
    The course `other`: an outsider."""
    files = {
        "assignments/doubling/assignment.toml": TOML,
        "assignments/doubling/notebook.ipynb": notebook("Doubling").decode(),
        "assignments/topics.toml": "",
        "reference/doubling/hidden_tests/test_double.py": TEST,
        "reference/doubling/solution.ipynb": "{}",
        "reference/misconceptions.toml": "",
    }
    for name, content in files.items():
        file = shelf / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    catalog = Catalog(shelf / "assignments", shelf / "reference")
    database = Database(home.url)
    prepare(database)
    jobs.prepare(database)
    queue = jobs.Jobs(database)
    with database.write() as session:
        course = people.create_course(session, "dl", Text("딥러닝", "Deep learning"), actor="test")
        for name, full, role, group in PEOPLE:
            people.add_person(session, course, f"{name}@example.com", full, role, group, actor="test")
        other = people.create_course(session, "other", Text("다른 강좌", "Another course"), actor="test")
        people.add_person(session, other, "outsider@example.com", "Out Sider", Role.STUDENT, actor="test")
        publishing.publish(
            *(session, course, catalog.load("doubling"), None),
            actor="test",
            forced="a test",
            opens=now - 10 * DAY,
            due=now + 3 * DAY,
            closes=now + 10 * DAY,
            policy={"attempts": 5},
        )
    with database.write() as session:
        assignment = people.assignment(session, people.the_course(session, "dl"), "doubling")
        done = (
            ("mina", notebook("first"), -2, graded(0, shape=False), notebook("first", output="MINA-OUTPUT 1")),
            ("mina", notebook("second"), -1, graded(60), notebook("second", output="MINA-OUTPUT 2")),
            ("juno", b"no notebook", -1.5, refused(), None),
            ("juno", notebook("JUNO-OUTPUT"), -0.1, None, None),
        )
        for name, data, days, report, executed in done:
            received = submissions.submit(
                *(session, assignment, person_of(session, name), data, f"{name}.ipynb", Source.WEB),
                at=now + days * DAY,
                enqueue=queue.enqueue,
            )
            if report is not None:
                finish(session, received.run, report, executed)
    queue.close()
    database.close()


def bodies(answer: Any) -> Iterator[str]:
    """What is in an answer, of a zip file what is in each of its files."""
    if answer.mimetype != "application/zip":
        yield answer.get_data(as_text=True)
        return
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        yield from (f"{name}\n{packed.read(name).decode()}" for name in packed.namelist())


def person_of(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.email == f"{name}@example.com")).one()


class Browser(FlaskClient):
    """A browser that sends the forms' token along: `send(address, field=...)`."""

    def send(self, address: str, **fields: Any) -> Any:
        return self.post(address, data={"csrf_token": self.form_key(), **fields}, content_type="multipart/form-data")

    def form_key(self) -> str:
        for address in ("/account", "/sign-in"):
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(address).text)
            if found:
                return found[1]
        raise AssertionError("no form")


@dataclass
class Web:
    """The application on the small course."""

    app: Flask
    home: Home
    database: Database
    now: datetime
    receipts: dict[str, list[str]] = field(default_factory=dict)  # by name, the earliest first

    def person(self, name: str) -> Person:
        with self.database.read() as session:
            return person_of(session, name)

    def assignment(self) -> Assignment:
        with self.database.read() as session:
            return people.assignment(session, people.the_course(session, "dl"), "doubling")

    def client_as(self, name: str | None) -> Browser:
        """Signed in as teacher, helper, mina, juno, sora or outsider; None is nobody. A role's word is who has it."""
        name = {"instructor": "teacher", "assistant": "helper", "student": "mina"}.get(name or "", name)
        client = cast(Browser, self.app.test_client())
        if name is not None:
            with self.database.write() as session:
                token = passwords.sign_in(session, person_of(session, name))
            client.set_cookie("grader_session", token)
        return client


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The folder of the course, to be copied, and when it was made."""
    folder, now = tmp_path_factory.mktemp("course"), datetime.now(UTC).replace(microsecond=0)
    fill(Home(folder, f"sqlite:///{folder / 'grader.sqlite3'}"), tmp_path_factory.mktemp("shelf"), now)
    return folder, now


@pytest.fixture(scope="session")
def filled_postgres(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime, str]:
    """The same in PostgreSQL, and the name of the database, to be copied, too."""
    folder, now, name = tmp_path_factory.mktemp("course"), datetime.now(UTC).replace(microsecond=0), postgres.create()
    fill(Home(folder, postgres.url(name)), tmp_path_factory.mktemp("shelf"), now)
    return folder, now, name


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Two databases for what asks the store the most."""
    if "backend" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        both = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
        metafunc.parametrize("backend", both, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two databases a test is run on."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def home_of_course(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Home, datetime]]:
    """A copy of the course, and when it was made."""
    folder = tmp_path / "home"
    if backend == "sqlite":
        kept, now = request.getfixturevalue("filled")
        shutil.copytree(kept, folder)
        yield Home(folder, f"sqlite:///{folder / 'grader.sqlite3'}"), now
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    kept, now, template = request.getfixturevalue("filled_postgres")
    shutil.copytree(kept, folder)
    name = cluster.create(template)
    yield Home(folder, cluster.url(name)), now
    cluster.drop(name)


@pytest.fixture
def web(home_of_course: tuple[Home, datetime]) -> Iterator[Web]:
    """A copy of the course for each test."""
    home, now = home_of_course
    app = create_app(home, testing=True)
    app.test_client_class = Browser
    site = app.extensions["grader"]
    found = Web(app, home, site.database, now)
    with found.database.read() as session:
        query = select(submissions.Submission.receipt, Person.email).join(
            Person, Person.id == submissions.Submission.person_id
        )
        for receipt, email in session.execute(query.order_by(submissions.Submission.id)):
            found.receipts.setdefault(email.partition("@")[0], []).append(receipt)
    yield found
    site.close()


@pytest.fixture
def client_as(web: Web) -> Callable[[str | None], Browser]:
    """`client_as("student")`: a browser that is signed in."""
    return web.client_as
