"""Surveys: what is asked and counted, and that no answer can be tied to a person, by nobody who reads everything."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select, text

from grader.course import people, surveys
from grader.errors import BadInput
from grader.store.backup import backup, restore
from grader.store.database import Database, Home
from grader.store.models import Audit, Person, Role
from grader.store.schema import prepare
from grader.store.surveys import PRIVATE, SurveyBox, SurveyTicket, wipe
from grader.text import Text

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
FORM = """
id = "end"
title = { ko = "끝", en = "The end" }
[[question]]
id = "pace"
kind = "scale"
ko = "진도"
en = "Pace"
low = { ko = "느림", en = "slow" }
high = { ko = "빠름", en = "fast" }
[[question]]
id = "hours"
kind = "choice"
ko = "시간"
en = "Hours"
options = [{ id = "few", ko = "적음", en = "few" }, { id = "many", ko = "많음", en = "many" }]
[[question]]
id = "words"
kind = "text"
ko = "의견"
en = "Words"
"""


@dataclass
class Poll:
    """A course with students whose survey is open."""

    database: Database
    file: Path
    course_id: int
    survey_id: int
    students: Sequence[int]

    def answer(self, student: int, **raw: str) -> None:
        surveys.answer(self.database, self.course_id, self.survey_id, self.students[student], raw)

    def close(self, **more: Any) -> surveys.Survey:
        return surveys.close(self.database, self.course_id, actor="test", at=NOON, **more)

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(select(table.__table__))]

    def content(self) -> dict[str, Any]:
        ((_, found),) = self.rows(SurveyBox)
        return dict(found)

    def bytes(self) -> Mapping[str, bytes]:
        """Everything that the database has on the disk."""
        path = make_url(self.database.url).database
        files = [Path(f"{path}{end}") for end in ("", "-wal", "-journal")]
        return {file.name: file.read_bytes() for file in files if file.exists()}


def made(database: Database, folder: Path, students: int) -> Poll:
    file = folder / "survey.toml"
    file.write_text(FORM, encoding="utf-8")
    with database.write() as session:
        course = people.create_course(session, "dl", Text("딥러닝", "Deep learning"), actor="test", at=NOON)
        people.add_person(session, course, "teacher@example.com", "T", Role.INSTRUCTOR, actor="test", at=NOON)
        ids = [
            people.add_person(
                session, course, f"s{n:02}@example.com", f"S{n}", Role.STUDENT, actor="test", at=NOON
            ).person_id
            for n in range(students)
        ]
    with database.write() as session:
        course = people.the_course(session)
        row = surveys.open_survey(session, course, file, actor="test", at=NOON)
        return Poll(database, file, course.id, row.id, ids)


@pytest.fixture
def poll(database: Database, tmp_path: Path) -> Poll:
    """On both databases."""
    return made(database, tmp_path, 8)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Poll]:
    home = tmp_path / "home"
    home.mkdir()
    database = Database(f"sqlite:///{home / 'grader.sqlite3'}")
    prepare(database)
    yield made(database, tmp_path, 24)
    database.close()


# ------------------------------------------------------------------------------------------------ in daily life


def test_the_survey_of_the_course_can_be_read_in_both_languages() -> None:
    form = surveys.read(ROOT / "assignments" / "survey.toml")
    assert 8 <= len(form.questions) <= 12
    assert {one.kind for one in form.questions} == set(surveys.Kind)
    assert all(one.text.ko and one.text.en and one.text.ko != one.text.en for one in form.questions)


def test_answers_are_counted_and_summed_up_when_it_closes(poll: Poll) -> None:
    for n, pace in enumerate("33445"):
        poll.answer(n, pace=pace, hours="many" if n else "few")
    with poll.database.read() as session:
        course = people.the_course(session)
        assert surveys.answered(session, surveys.surveys(session, course)[0]) == 5
        assert surveys.summary(surveys.surveys(session, course)[0]) is None  # nobody looks while it is open
    found = surveys.summary(poll.close())
    assert found is not None
    pace, hours, words = found.answers
    assert found.answered == 5
    assert [one.count for one in pace.counts] == [0, 0, 2, 2, 1]
    assert pace.mean == pytest.approx(3.8)
    assert pace.low == pytest.approx(3.8 - 2.776 * 0.37417, abs=1e-3)  # Student's t with 4 degrees of freedom
    assert [(one.count, round(one.share, 1)) for one in hours.counts] == [(1, 0.2), (4, 0.8)]
    assert hours.counts[1].low < 0.8 < hours.counts[1].high
    assert (words.n, words.texts, words.mean) == (0, (), None)


def test_an_answer_may_be_partial_but_not_empty_and_not_made_up(poll: Poll) -> None:
    poll.answer(0, words="  좋았습니다\r\n고맙습니다\u200b ")
    assert poll.content()["answers"]["words"] == ["좋았습니다\n고맙습니다"]
    for wrong in ({}, {"pace": ""}, {"pace": "6"}, {"hours": "none"}, {"words": "x" * 1001}, {"other": "1"}):
        with pytest.raises(BadInput):
            poll.answer(1, **wrong)
    assert poll.content()["answered"] == 1
    assert len(poll.rows(SurveyTicket)) == 1


def test_nobody_answers_twice(poll: Poll) -> None:
    poll.answer(0, pace="3")
    with pytest.raises(BadInput, match="already"):
        poll.answer(0, pace="4")
    assert poll.content()["answers"]["pace"]["3"] == 1


def test_many_who_answer_at_once_are_all_counted_and_each_once(poll: Poll) -> None:
    def send(student: int) -> bool:
        try:
            poll.answer(student, pace="3", words=f"words {student}")
        except BadInput:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        done = list(threads.map(send, [0, 1, 2, 0, 3, 1]))
    assert sum(done) == len(poll.rows(SurveyTicket)) == poll.content()["answered"] == 4
    assert poll.content()["answers"]["words"] == [f"words {n}" for n in range(4)]


def test_nobody_answers_after_it_closed_and_none_is_opened_again(poll: Poll) -> None:
    for n in range(5):
        poll.answer(n, pace="3")
    poll.close()
    with pytest.raises(BadInput, match="No survey is open"):
        poll.answer(6, pace="4")
    with poll.database.write() as session, pytest.raises(BadInput, match="none is opened twice"):
        surveys.open_survey(session, people.the_course(session), poll.file, actor="test")


def test_one_survey_is_open_at_a_time(poll: Poll, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(FORM.replace('id = "end"', 'id = "other"'), encoding="utf-8")
    with poll.database.write() as session, pytest.raises(BadInput, match="Close it first"):
        surveys.open_survey(session, people.the_course(session), other, actor="test")


def test_staff_and_strangers_do_not_answer(poll: Poll) -> None:
    with poll.database.write() as session:
        teacher = session.scalars(select(Person).filter_by(email="teacher@example.com")).one().id
        gone = session.get_one(Person, poll.students[0])
        people.deactivate(session, gone, actor="test")
    for person in (teacher, poll.students[0]):
        with pytest.raises(BadInput, match="Only students"):
            surveys.answer(poll.database, poll.course_id, poll.survey_id, person, {"pace": "3"})


def test_of_few_answers_none_is_shown_and_closing_throws_them_away(poll: Poll) -> None:
    for n in range(4):
        poll.answer(n, words=f"few-opinion {n}")
    with pytest.raises(BadInput, match="Only 4 have answered"):
        poll.close()
    row = poll.close(discard=True)
    assert row.results is None
    assert surveys.summary(row) is None
    with poll.database.write() as session, pytest.raises(BadInput, match="no result"):
        surveys.publish(session, session.get_one(surveys.Survey, row.id), actor="test")
    if poll.database.embedded:
        assert not [name for name, data in poll.bytes().items() if b"few-opinion" in data]


def test_what_a_file_may_not_say(tmp_path: Path) -> None:
    file = tmp_path / "survey.toml"
    for old, new in (
        ('id = "hours"', 'id = "pace"'),
        ('id = "many"', 'id = "few"'),
        ('kind = "text"', 'kind = "essay"'),
        ('id = "end"', 'id = "The End"'),
        ("low = ", "least = "),
        ('en = "Words"', ""),
    ):
        file.write_text(FORM.replace(old, new), encoding="utf-8")
        with pytest.raises(BadInput):
            surveys.read(file)


def test_closing_forgets_who_answered(poll: Poll) -> None:
    for n in range(5):
        poll.answer(n, pace="3")
    assert len(poll.rows(SurveyTicket)) == 5
    poll.close()
    assert poll.rows(SurveyTicket) == poll.rows(SurveyBox) == []


def test_forgetting_a_person_removes_the_ticket_alone(poll: Poll) -> None:
    for n in range(5):
        poll.answer(n, words=f"words {n}")
    with poll.database.write() as session:
        people.forget(session, session.get_one(Person, poll.students[2]), actor="test")
    assert {person for _, person in poll.rows(SurveyTicket)} == {*poll.students[:5]} - {poll.students[2]}
    assert len(poll.content()["answers"]["words"]) == poll.content()["answered"] == 5


# -------------------------------------------------------------------------------------------------- attacks


def everything(database: Database) -> list[Any]:
    """All that can be read of a database by its own language: every row of every table, in the order in which it lies
    there, with the hidden columns that tell its place."""
    found: list[Any] = []
    with database.engine.connect() as connection:
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if database.embedded
            else text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        )
        for (name,) in names.all():
            hidden = "" if name == "survey_ticket" else "rowid, "
            columns = f"{hidden}*" if database.embedded else "ctid::text, *"
            found += [(name, *map(str, row)) for row in connection.execute(text(f'SELECT {columns} FROM "{name}"'))]
    return found


def test_two_courses_in_which_others_said_the_same_look_the_same(poll: Poll, tmp_path: Path) -> None:
    """Who reads every row of the database, and where it lies, cannot tell a course from one in which the same answers
    were given by others and in another order: so there is nothing in it to tie an answer to a person by."""
    seen = []
    people_, said = list(range(8)), [{"words": f"opinion {n}", "pace": str(1 + n % 5)} for n in range(8)]
    for seed in (1, 2):
        rng = random.Random(seed)
        rng.shuffle(people_)
        rng.shuffle(said)
        for student, answer in zip(people_, said, strict=True):
            poll.answer(student, **answer)
        seen.append(everything(poll.database))
        with poll.database.write() as session:  # as it was before anybody answered
            for table in PRIVATE:
                session.execute(text(f"DELETE FROM {table}"))
        wipe(poll.database)
    assert len(seen[0]) > 20
    assert seen[0] == seen[1]


def test_all_rows_of_tickets_are_of_one_transaction(poll: Poll) -> None:
    """PostgreSQL keeps with each row who wrote it; that is the last answer's transaction for all, or nobody's."""
    if poll.database.embedded:
        pytest.skip("SQLite keeps no such thing")
    for n in range(5):
        poll.answer(n, words=f"{n}")
    with poll.database.engine.connect() as connection:
        marks = {
            row[0]
            for name in PRIVATE
            for row in connection.execute(text(f"SELECT xmin::text || ' ' || xmax::text FROM {name}"))
        }
        dead = connection.execute(text("SELECT pg_relation_size('survey_box')")).scalar_one()
    assert len(marks) == 1
    assert dead == 8192  # one page: what it was before is gone


def test_the_bytes_on_the_disk_hold_every_text_once(on_sqlite: Poll) -> None:
    """The whole file, its free pages and its log: no older state of the box is left whose difference to the next one
    would be somebody's answer."""
    order = list(range(24))
    random.Random(7).shuffle(order)
    for student in order:
        on_sqlite.answer(student, words=f"opinion-{student * 37 % 24:02}-{'x' * 300}", pace=str(1 + student % 5))
    files = on_sqlite.bytes()
    assert len(files.get("grader.sqlite3-wal", b"")) == 0
    data = files["grader.sqlite3"]
    said = [f"opinion-{student * 37 % 24:02}".encode() for student in order]
    assert [words for words in said if data.count(words) > 1] == []
    assert sum(words in data for words in said) > 20  # one may lie across two pages


def link(tickets: Sequence[int], texts: Sequence[str], truth: Mapping[int, str]) -> int:
    """How many an attacker gets right who ties the first to the first."""
    return sum(truth[person] == words for person, words in zip(tickets, texts, strict=True))


def test_whoever_ties_places_to_places_does_no_better_than_chance(on_sqlite: Poll) -> None:
    order = list(range(24))
    random.Random(11).shuffle(order)
    letters = random.Random(12).sample(range(1000), 24)
    truth = {on_sqlite.students[student]: f"text {letters[student]:03}" for student in order}
    for student in order:
        on_sqlite.answer(student, words=truth[on_sqlite.students[student]])
    tickets = [person for _, person in on_sqlite.rows(SurveyTicket)]
    texts = on_sqlite.content()["answers"]["words"]
    raw = on_sqlite.bytes()["grader.sqlite3"]
    on_disk = sorted(truth.values(), key=lambda words: raw.index(words.encode()))
    guesses = [link(tickets, some, truth) for some in (texts, texts[::-1], on_disk, on_disk[::-1])]
    assert max(guesses) <= 4  # by chance 1 of 24; 5 or more in 4 of 1000 such guesses


def test_a_reader_who_holds_an_old_state_keeps_it_only_until_the_next_answer(
    on_sqlite: Poll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.store.surveys.PATIENCE_MS", 50)
    on_sqlite.answer(0, words="first-opinion")
    path = make_url(on_sqlite.database.url).database
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM survey_box").fetchone()
        on_sqlite.answer(1, words="second-opinion")
        assert on_sqlite.bytes()["grader.sqlite3-wal"]  # it is kept for the reader
        reader.execute("COMMIT")
    on_sqlite.answer(2, words="third-opinion")
    files = on_sqlite.bytes()
    assert files.get("grader.sqlite3-wal", b"") == b""
    assert files["grader.sqlite3"].count(b"-opinion") == 3


def test_the_audit_log_says_nothing_of_an_answer(poll: Poll) -> None:
    def lines() -> list[tuple[str, str, Any]]:
        with poll.database.read() as session:
            return [(one.actor, one.action, one.data) for one in session.scalars(select(Audit).order_by(Audit.number))]

    before = lines()
    for n in range(5):
        poll.answer(n, words="x")
    assert lines() == before
    poll.close()
    assert lines()[len(before) :] == [("test", "close.survey", {"answered": 5})]


def test_two_backups_made_before_and_after_an_answer_are_no_different(on_sqlite: Poll, tmp_path: Path) -> None:
    on_sqlite.answer(0, words="before-opinion")
    first = backup(on_sqlite.database, tmp_path / "first")
    on_sqlite.answer(1, words="after-opinion")
    second = backup(on_sqlite.database, tmp_path / "second")
    for one in (first, second):
        data = one.file.read_bytes()
        assert b"-opinion" not in data
        with closing(sqlite3.connect(one.file)) as connection:
            assert [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in PRIVATE] == [0, 0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "home", "second", "survey.toml"]


def test_a_survey_goes_on_after_a_backup_was_brought_back(on_sqlite: Poll, tmp_path: Path) -> None:
    on_sqlite.answer(0, pace="3")
    file = backup(on_sqlite.database, tmp_path / "copy").file
    home = Home(tmp_path / "again", f"sqlite:///{tmp_path / 'again' / 'grader.sqlite3'}")
    home.folder.mkdir()
    restore(file, home)
    again = Poll(Database(home.url), on_sqlite.file, on_sqlite.course_id, on_sqlite.survey_id, on_sqlite.students)
    again.answer(0, pace="4")
    assert again.content()["answered"] == 1
    again.database.close()


def test_a_dump_of_postgresql_holds_no_answers_either(poll: Poll, tmp_path: Path) -> None:
    if poll.database.embedded:
        pytest.skip("see the test of two backups")
    poll.answer(0, words="dumped-opinion")
    file = backup(poll.database, tmp_path / "dump").file
    import subprocess

    words = subprocess.run(["pg_restore", "-f", "-", file], capture_output=True, check=True).stdout
    assert b"survey_box" in words
    assert b"dumped-opinion" not in words
