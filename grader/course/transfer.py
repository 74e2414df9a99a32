"""A course as one document, to begin another term or to move to another machine: people, rules, assignments and quizzes
with the version that is graded now, leaderboards, thresholds. Not in it is what people did or were given (`LEFT_OUT`);
a backup has all of it."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.assignment import Catalog
from grader.course import boards, people, publishing, quizzes, watchlist
from grader.course.people import Actor
from grader.course.quizzes import shelf
from grader.errors import BadInput, GraderError
from grader.quiz.bank import Bank
from grader.quiz.lint import Fault
from grader.store import audit, blobs
from grader.store.boards import Board
from grader.store.database import lock, now
from grader.store.models import Assignment, Course, Member, Version
from grader.store.quizzes import Quiz, QuizVersion
from grader.text import Text

SCHEMA = 1
IMPORTED = "imported"  # why it is published: nobody has proved it here
TIMES = ("opens", "due", "closes")
LEFT_OUT = Text(
    "제출과 성적, 퀴즈 응시, 연장과 직접 정한 점수, 댓글, 설문, 별명, 비밀번호와 토큰, 감사 기록",
    "submissions and grades, quiz attempts, extensions and overrides, comments, surveys, pseudonyms, passwords and "
    "tokens, the audit log",
)


def export_course(session: Session, course: Course) -> dict[str, Any]:
    """The course as plain data, schema 1. Of the people those who are active."""
    assignments = session.scalars(
        select(Assignment).where(Assignment.course_id == course.id).order_by(Assignment.position, Assignment.id)
    )
    return {
        "schema": SCHEMA,
        "kind": "course",
        "key": course.key,
        "title": course.title,
        "timezone": course.timezone,
        "policy": course.policy,
        "people": [_person(member) for member in people.members(session, course)],
        "groups": list(people.groups(session, course)),
        "watchlist": watchlist.thresholds(session, course).as_json(),
        "assignments": [_assignment(session, row) for row in assignments],
        "quizzes": [_quiz(session, row) for row in quizzes.quizzes(session, course)],
    }


def _person(member: Member) -> dict[str, Any]:
    return {
        "email": member.person.email,
        "name": member.person.name,
        "role": member.role.value,
        "group": member.group.name if member.group else None,
    }


def _assignment(session: Session, row: Assignment) -> dict[str, Any]:
    version = None if row.version_id is None else session.get_one(Version, row.version_id)
    board = session.get(Board, row.id)
    return {
        **_offered(row),
        "board": None if board is None else {"a_day": board.a_day},
        "version": None
        if version is None
        else {
            "suite_version": version.suite_version,
            "verified": version.verified,
            "forced": version.forced,
            "archive": base64.b64encode(blobs.get(session, version.archive)).decode(),
        },
    }


def _quiz(session: Session, row: Quiz) -> dict[str, Any]:
    version = None if row.version_id is None else session.get_one(QuizVersion, row.version_id)
    return {
        **_offered(row),
        "version": None
        if version is None
        else {
            "bank_version": version.bank_version,
            "forced": version.forced,
            "archive": base64.b64encode(blobs.get(session, version.archive)).decode(),
        },
    }


def _offered(row: Assignment | Quiz) -> dict[str, Any]:
    """When and by which rules it is done."""
    return {
        "key": row.key,
        "position": row.position,
        "weight": row.weight,
        **{name: _iso(getattr(row, name)) for name in TIMES},
        "policy": row.policy,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def import_course(
    session: Session,
    data: Mapping[str, Any],
    *,
    key: str | None = None,
    people_too: bool = True,
    actor: Actor,
    at: datetime | None = None,
) -> Course:
    """A new course like the one that `export_course` wrote, under another key where one is given; without its people
    where `people_too` is false. What was proved there is published as such with the reason "imported", since nobody
    has proved it here. Raises BadInput for anything else; nothing is kept then (the caller's transaction ends)."""
    for name in ("courses", "people"):  # before the audit log's lock, as everybody else takes them
        lock(session, name)
    try:
        if data["schema"] != SCHEMA or data["kind"] != "course":
            raise ValueError(f"schema {data['schema']!r}")
        course = people.create_course(
            session,
            key or str(data["key"]),
            Text.from_json(data["title"]),
            timezone=str(data["timezone"]),
            policy=data["policy"],
            actor=actor,
            at=at,
        )
        if people_too:
            for one in data["people"]:
                people.add_person(
                    session,
                    course,
                    one["email"],
                    one["name"],
                    people.role_of(one["role"]),
                    one["group"],
                    actor=actor,
                    at=at,
                )
        watchlist.set_thresholds(
            session, course, watchlist.Thresholds.from_json(data.get("watchlist", {})), actor=actor
        )
        for one in data["assignments"]:
            _publish(session, course, one, actor, at)
        for one in data.get("quizzes", ()):  # a file of an older program has none
            _publish_quiz(session, course, one, actor, at)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BadInput(
            Text(
                f"grader course export로 만든 파일이 아닙니다({error}).",
                f"This is no file that grader course export made ({error}).",
            )
        ) from error
    audit.record(session, actor, "import.course", f"course:{course.id}", people=people_too)
    return course


def _publish(session: Session, course: Course, one: Mapping[str, Any], actor: Actor, at: datetime | None) -> None:
    if one["version"] is None:
        return
    with tempfile.TemporaryDirectory() as name:
        target = _unpacked(one, name)
        assignment = Catalog(target / "assignments", target / "reference").load(str(one["key"]))
        _must_be(one, assignment.suite_version, one["version"]["suite_version"])
        publishing.publish(
            session,
            course,
            assignment,
            None,
            actor=actor,
            forced=one["version"]["forced"] or IMPORTED,
            **_times(one),
            policy=one["policy"],
            weight=float(one["weight"]),
            at=at or now(session),
        )
    row = people.assignment(session, course, str(one["key"]))
    row.position = int(one.get("position", row.position))
    if one.get("board"):
        boards.open_board(session, row, a_day=int(one["board"]["a_day"]), actor=actor)


def _publish_quiz(session: Session, course: Course, one: Mapping[str, Any], actor: Actor, at: datetime | None) -> None:
    if one["version"] is None:
        return
    key = str(one["key"])
    with tempfile.TemporaryDirectory() as name:
        target = _unpacked(one, name)
        bank = Bank(target / shelf.PUBLIC, target / shelf.SECRET)
        _must_be(one, bank.load(key).version, one["version"]["bank_version"])
        row = quizzes.publish(
            session,
            course,
            bank,
            key,
            actor=actor,
            forced=one["version"]["forced"] or IMPORTED,
            faults=[Fault(key, "", Text("여기서 증명하지 않음", "not proved here"))],
            **_times(one),
            rules=one["policy"],
            weight=float(one["weight"]),
            at=at or now(session),
        )
    row.position = int(one.get("position", row.position))


def _unpacked(one: Mapping[str, Any], folder: str) -> Path:
    target = Path(folder) / "files"
    publishing.extract(base64.b64decode(one["version"]["archive"], validate=True), target)
    return target


def _must_be(one: Mapping[str, Any], found: str, said: object) -> None:
    if found != said:
        raise GraderError(
            Text(
                f"{one['key']}: 내용이 적힌 버전과 다릅니다. 파일이 바뀌었습니다.",
                f"{one['key']}: its content is not of the version that the file says. The file was changed.",
            )
        )


def _times(one: Mapping[str, Any]) -> dict[str, datetime | None]:
    return {name: datetime.fromisoformat(one[name]) if one[name] else None for name in TIMES}
