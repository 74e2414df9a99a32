"""Anonymous surveys: opened, answered once by each student, closed, summed up, published.

What keeps them anonymous on the disk is in `grader.store.surveys`. Here it is that nobody, staff included, sees any
answer before the survey has closed and at least `LEAST` have come, and that a closed one is never opened again: who
could look twice, before and after somebody answered, would see what that person said.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from grader.course import people
from grader.course.people import Actor
from grader.errors import BadInput
from grader.store import audit
from grader.store.database import Database, lock, now
from grader.store.models import Course, Person, Role
from grader.store.surveys import Survey, SurveyBox, SurveyTicket, overwrite, wipe
from grader.text import Text

FILE = "survey.toml"
LEAST = 5  # answers before any is shown
SCALE = ("1", "2", "3", "4", "5")
LONGEST = 1_000  # characters of a free text
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Tally = dict[str, Any]  # {"answered": n, "answers": {id: {point or option: count} or texts in their order}}


class Kind(StrEnum):
    """How a question is answered."""

    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


@dataclass(frozen=True)
class Option:
    """One of those to choose from."""

    id: str
    text: Text


@dataclass(frozen=True)
class Question:
    """One question. `options` are those of a choice, or the points of a scale with words at both ends."""

    id: str
    kind: Kind
    text: Text
    options: Sequence[Option]


@dataclass(frozen=True)
class Form:
    """What is asked."""

    key: str
    title: Text
    questions: Sequence[Question]


class State(StrEnum):
    """What a student may do with a survey."""

    MAY_ANSWER = "may_answer"
    ANSWERED = "answered"
    CLOSED = "closed"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Count:
    """How often something was chosen: the share of those who answered the question, with its 95 % interval."""

    option: Option
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Answers:
    """What was said to one question. `mean` is of a scale, with its 95 % interval; None where nobody answered.
    `texts` stand in the order of the alphabet, so that two of one person are in no way beside each other."""

    question: Question
    n: int
    counts: Sequence[Count]
    mean: float | None
    low: float | None
    high: float | None
    texts: Sequence[str]


@dataclass(frozen=True)
class Summary:
    """All that was said; never of fewer than `LEAST`."""

    answered: int
    answers: Sequence[Answers]


# ---------------------------------------------------------------------------------------------------- the form


def read(file: Path) -> Form:
    """A form from its file. Raises BadInput."""
    try:
        return form(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadInput(Text(f"{file}을(를) 읽을 수 없습니다.", f"{file} cannot be read.")) from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(Text(f"{file}: 설문을 읽을 수 없습니다: {error}", f"{file} is no survey: {error}")) from error


def form(data: Mapping[str, Any]) -> Form:
    """A form from plain data, as a file or a row holds it. Raises KeyError, TypeError or ValueError."""
    questions = [_question(one) for one in data["question"]]
    ids = [_id(data["id"]), *(one.id for one in questions)]
    if twice := sorted({id for id in ids[1:] if ids[1:].count(id) > 1}):
        raise ValueError(f"{twice[0]} is there twice")
    if not questions:
        raise ValueError("there is no question")
    return Form(ids[0], Text.from_json(data["title"]), questions)


def _question(data: Mapping[str, Any]) -> Question:
    kind = Kind(data["kind"])
    ends = {"1": data["low"], "5": data["high"]} if kind is Kind.SCALE else {}
    options = [Option(point, _same(point, ends.get(point))) for point in SCALE] if kind is Kind.SCALE else []
    if kind is Kind.CHOICE:
        options = [Option(_id(one["id"]), Text.from_json(one)) for one in data["options"]]
        if len({one.id for one in options}) < max(2, len(options)):
            raise ValueError(f"{data['id']}: a choice has two options or more, each of its own id")
    return Question(_id(data["id"]), kind, Text.from_json(data), options)


def _same(point: str, words: Mapping[str, Any] | None) -> Text:
    end = Text("", "") if words is None else Text.from_json(words)
    return Text(f"{point} {end.ko}".strip(), f"{point} {end.en}".strip())


def _id(word: object) -> str:
    if not isinstance(word, str) or not ID.fullmatch(word) or len(word) > 64:
        raise ValueError(f"{word!r} is no id: words of a-z and 0-9, joined by '-'")
    return word


# ------------------------------------------------------------------------------------------ opened and closed


def open_survey(session: Session, course: Course, file: Path, *, actor: Actor, at: datetime | None = None) -> Survey:
    """Opens the survey of that file, as it is now. Raises BadInput where one is open, or this one was."""
    found = read(file)
    lock(session, f"surveys:{course.id}")
    for row in surveys(session, course):
        if row.closed_at is None:
            raise BadInput(
                Text(
                    f"{row.key} 설문이 열려 있습니다. 먼저 닫으세요: grader survey close",
                    f"The survey {row.key} is open. Close it first: grader survey close",
                )
            )
        if row.key == found.key:
            raise BadInput(
                Text(
                    f"{found.key} 설문은 끝났고, 닫힌 설문은 다시 열지 않습니다. 새로 하려면 파일의 id를 바꾸세요.",
                    f"The survey {found.key} is over, and none is opened twice. To ask again, change its id in the "
                    "file.",
                )
            )
    row = Survey(course_id=course.id, key=found.key, form=_raw(file), opened_at=at or now(session))
    session.add(row)
    session.flush()
    session.add(SurveyBox(survey_id=row.id, content=empty(found)))
    session.flush()
    audit.record(session, actor, "open.survey", f"survey:{row.id}")
    return row


def close(
    database: Database, course_id: int, *, actor: Actor, discard: bool = False, at: datetime | None = None
) -> Survey:
    """Closes the survey that is open in a course, for good. Who has answered is forgotten; what was said stays, unless
    it is too little to be anybody's: with fewer than `LEAST` answers all are thrown away, if `discard` says so. Raises
    BadInput."""
    with database.write() as session:
        overwrite(session)
        lock(session, f"surveys:{course_id}")
        row = _open(session, course_id)
        box = _box(session, row)
        count = int(box["answered"])
        if count < LEAST and not discard:
            raise BadInput(
                Text(
                    f"아직 {count}명만 답했습니다. {LEAST}명보다 적으면 아무것도 보여 줄 수 없고, 닫으면 답을 모두 "
                    "버립니다. 더 기다리거나, 버리고 닫으세요: grader survey close --discard",
                    f"Only {count} have answered. Of fewer than {LEAST} nothing can be shown, and closing throws all "
                    "of it away. Wait for more, or close and discard: grader survey close --discard",
                )
            )
        row.closed_at = at or now(session)
        row.results = box if count >= LEAST else None
        session.execute(delete(SurveyTicket).where(SurveyTicket.survey_id == row.id))
        session.execute(delete(SurveyBox).where(SurveyBox.survey_id == row.id))
        session.flush()
        audit.record(session, actor, "close.survey", f"survey:{row.id}", answered=count)
    wipe(database)
    return row


def publish(session: Session, survey: Survey, *, actor: Actor, on: bool = True, at: datetime | None = None) -> None:
    """From now on students see the summary, but for the free texts; or no longer. Raises BadInput for a survey that has
    nothing to show."""
    if on and survey.results is None:
        raise BadInput(Text("보여 줄 결과가 없습니다.", "There is no result to show."))
    if on is (survey.published_at is not None):
        return
    survey.published_at = (at or now(session)) if on else None
    session.flush()
    audit.record(session, actor, "publish.survey" if on else "hide.survey", f"survey:{survey.id}")


def surveys(session: Session, course: Course) -> Sequence[Survey]:
    """Those of a course, the latest first."""
    query = select(Survey).filter_by(course_id=course.id)
    return session.scalars(query.order_by(Survey.opened_at.desc(), Survey.id.desc())).all()


def answered(session: Session, survey: Survey) -> int:
    """How many have answered."""
    if survey.closed_at is None:
        query = select(func.count()).select_from(SurveyTicket).where(SurveyTicket.survey_id == survey.id)
        return session.scalar(query) or 0
    return int((survey.results or {}).get("answered", 0))


# ---------------------------------------------------------------------------------------------------- answered


def current(session: Session, course: Course, person: Person) -> tuple[Survey, State] | None:
    """The survey that a student has to do with, and how: the open one, else the latest that is published, else the
    latest; None where there never was one."""
    rows = surveys(session, course)
    if not rows:
        return None
    row = next((one for one in rows if one.closed_at is None), None)
    if row is not None:
        ticket = session.get(SurveyTicket, (row.id, person.id))
        return row, State.MAY_ANSWER if ticket is None else State.ANSWERED
    shown = next((one for one in rows if one.published_at is not None), None)
    return (shown, State.PUBLISHED) if shown is not None else (rows[0], State.CLOSED)


def answer(database: Database, course_id: int, survey_id: int, person_id: int, raw: Mapping[str, str]) -> None:
    """Puts what a student says, by question, into the box: a transaction of its own, of which nothing is left but the
    new counts. What is left out is not answered. No other transaction of the caller may be open. Raises BadInput where
    the person may not answer, has answered, or the answer is malformed; then nothing changes."""
    with database.write() as session:
        overwrite(session)
        lock(session, f"surveys:{course_id}")
        row = _open(session, course_id, survey_id)
        _must_be_a_student(session, course_id, person_id)
        holders = set(session.scalars(select(SurveyTicket.person_id).where(SurveyTicket.survey_id == row.id)))
        if person_id in holders:
            raise BadInput(
                Text("이미 답하셨습니다. 한 번만 답할 수 있습니다.", "You have answered already; once is all.")
            )
        asked = form(row.form)
        box = counted(asked, _box(session, row), cleaned(asked, raw))
        # whole and in order, so that no place of a row tells who came when
        session.execute(delete(SurveyTicket).where(SurveyTicket.survey_id == row.id))
        session.execute(delete(SurveyBox).where(SurveyBox.survey_id == row.id))
        session.expunge_all()
        session.add_all(SurveyTicket(survey_id=survey_id, person_id=one) for one in sorted({*holders, person_id}))
        session.add(SurveyBox(survey_id=survey_id, content=box))
        session.flush()
    wipe(database)


def cleaned(asked: Form, raw: Mapping[str, str]) -> dict[str, str]:
    """What was answered, by question, without what is empty. Raises BadInput."""
    found = {}
    for question in asked.questions:
        words = _plain(raw.get(question.id, ""))
        if not words:
            continue
        if question.kind is Kind.TEXT and len(words) > LONGEST:
            raise BadInput(
                Text(
                    f"'{question.text.ko}'의 답이 너무 깁니다. {LONGEST}자까지 쓸 수 있습니다.",
                    f"The answer to '{question.text.en}' is too long: at most {LONGEST} characters.",
                )
            )
        if question.kind is not Kind.TEXT and words not in {one.id for one in question.options}:
            raise BadInput(Text("보기에 없는 답입니다.", "That is none of the options."))
        found[question.id] = words
    if not found:
        raise BadInput(Text("하나라도 답한 뒤에 보내 주세요.", "Answer at least one question before you send it."))
    return found


def _plain(words: str) -> str:
    """A text as everybody's keyboard would send it: one kind of line end, letters in one form, nothing invisible."""
    lines = unicodedata.normalize("NFC", words).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(letter for letter in line if letter.isprintable()).strip() for line in lines)
    return "\n".join(kept).strip()


def empty(asked: Form) -> Tally:
    """A box in which nothing is. Its keys stand in the order of the form, whatever comes."""
    answers: dict[str, Any] = {
        one.id: [] if one.kind is Kind.TEXT else {option.id: 0 for option in one.options} for one in asked.questions
    }
    return {"answered": 0, "answers": answers}


def counted(asked: Form, box: Tally, given: Mapping[str, str]) -> Tally:
    """The box with one answer more. It depends on what is in it, and not on the order in which that came."""
    made: Tally = json.loads(json.dumps(box))
    made["answered"] += 1
    for question in asked.questions:
        if (words := given.get(question.id)) is None:
            continue
        if question.kind is Kind.TEXT:
            made["answers"][question.id] = sorted([*made["answers"][question.id], words])
        else:
            made["answers"][question.id][words] += 1
    return made


# ---------------------------------------------------------------------------------------------------- summed up


def summary(survey: Survey) -> Summary | None:
    """What was said; None while the survey is open, and where too few answered."""
    if survey.closed_at is None or survey.results is None or survey.results["answered"] < LEAST:
        return None
    box = survey.results
    return Summary(box["answered"], [_answers(one, box["answers"][one.id]) for one in form(survey.form).questions])


def _answers(question: Question, said: Any) -> Answers:
    if question.kind is Kind.TEXT:
        return Answers(question, len(said), (), None, None, None, tuple(said))
    n = sum(said.values())
    counts = [_count(option, said[option.id], n) for option in question.options]
    points = [int(point) for point, count in said.items() for _ in range(count)] if question.kind is Kind.SCALE else []
    return Answers(question, n, counts, *mean(points), ())


def _count(option: Option, count: int, n: int) -> Count:
    from scipy.stats import binomtest

    if not n:
        return Count(option, 0, 0.0, 0.0, 1.0)
    interval = binomtest(count, n).proportion_ci(method="wilson")
    return Count(option, count, count / n, float(interval.low), float(interval.high))


def mean(points: Sequence[int]) -> tuple[float | None, float | None, float | None]:
    """The mean of a scale and its 95 % interval (Student's t), within the scale; None where there are too few."""
    from scipy.stats import t

    n = len(points)
    if n == 0:
        return None, None, None
    middle = sum(points) / n
    if n == 1:
        return middle, None, None
    variance = sum((point - middle) ** 2 for point in points) / (n - 1)
    half = float(t.ppf(0.975, n - 1)) * math.sqrt(variance / n)
    return middle, max(1.0, middle - half), min(5.0, middle + half)


# ---------------------------------------------------------------------------------------------------- pieces


def _open(session: Session, course_id: int, survey_id: int | None = None) -> Survey:
    """The one that is open. Raises BadInput."""
    found = session.scalars(select(Survey).filter_by(course_id=course_id, closed_at=None)).first()
    if found is None or (survey_id is not None and found.id != survey_id):
        raise BadInput(Text("열려 있는 설문이 없습니다.", "No survey is open."))
    return found


def _box(session: Session, row: Survey) -> Tally:
    """What is in it; empty after a backup was brought back, as no backup has it."""
    found = session.get(SurveyBox, row.id, populate_existing=True)
    return empty(form(row.form)) if found is None else found.content


def _must_be_a_student(session: Session, course_id: int, person_id: int) -> None:
    member = people.membership(session, session.get_one(Course, course_id), session.get_one(Person, person_id))
    if member is None or member.role is not Role.STUDENT or not member.person.active:
        raise BadInput(Text("이 강좌의 학생만 답할 수 있습니다.", "Only students of this course answer its survey."))


def _raw(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
