"""Which assignment a notebook was released for, by its own word: known at the door, before an attempt is spent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import notebook as notebooks
from grader.course import publishing
from grader.errors import BadInput, BadNotebook
from grader.store.models import Assignment, Version
from grader.text import Text


@dataclass(frozen=True)
class Elsewhere:
    """A notebook says that it is of another assignment. `row` is that one, where this course has published it.
    `plainly`: what it defines says so, too; else it may be this one's answers in last week's file."""

    name: str
    row: Assignment | None
    plainly: bool


def elsewhere(session: Session, assignment: Assignment, data: bytes) -> Elsewhere | None:
    """What a notebook says of itself that is handed in to this assignment, where that is another one; None also where
    it says nothing. It judges as the grading would."""
    if assignment.version_id is None or not notebooks.may_name_another(data, assignment.key):
        return None
    try:
        notebook = notebooks.parse(data, assignment.key)
        name = notebooks.released_for(notebook)
        if name is None or name == assignment.key:
            return None
        row = _published(session, assignment, name)
        wanted, *others = (
            publishing.described(session, session.get_one(Version, one.version_id))
            for one in (assignment, row)
            if one is not None
        )
    except (BadNotebook, BadInput):
        return None  # its grading says what is wrong
    return Elsewhere(name, row, notebooks.recognise(notebook, others, wanted) is not None)


def refusal(found: Elsewhere, assignment: Assignment) -> Text:
    """What to tell whoever hands in a notebook that is plainly of another assignment."""
    own, other = _called(assignment), Text(found.name, found.name)
    there = Text("", "")
    if found.row is not None:
        other = _called(found.row)
        there = Text(f"이 파일은 {other.ko} 과제에 제출할 수 있습니다.", f"This file can be submitted to {other.en}.")
    said = Text(
        f"{own.ko} 과제가 아니라 {other.ko} 과제의 노트북이어서 받지 않았습니다(노트북에 그렇게 적혀 있습니다). "
        "제출 횟수는 줄지 않았습니다. 이 과제의 노트북을 골라 주세요.",
        f"This is the notebook of {other.en}, as it says itself, and not of {own.en}. So it was not taken, and no "
        "attempt was spent. Choose the notebook of this assignment.",
    )
    moved = Text(
        "이 과제의 답을 이 파일에 썼다면, 이 과제의 노트북으로 옮겨 저장한 뒤 제출하세요.",
        "If you wrote the answers to this one into this file, move them into the notebook of this one and submit that.",
    )
    return said + there + moved


def _called(assignment: Assignment) -> Text:
    """By its title, as pages call it, and its name, as commands do."""
    title = Text.from_json(assignment.title)
    return Text(f"{title.ko}({assignment.key})", f"{title.en} ({assignment.key})")


def _published(session: Session, assignment: Assignment, name: str) -> Assignment | None:
    query = select(Assignment).filter_by(course_id=assignment.course_id, key=name)
    return session.scalars(query.where(Assignment.version_id.is_not(None))).first()
