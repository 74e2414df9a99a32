"""Submissions that share code beyond what was given: the pairs, and two side by side. For staff alone, and a reason to
talk rather than a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader import likeness as compared
from grader.course import likeness
from grader.course.likeness import Found
from grader.errors import BadInput, BadNotebook
from grader.likeness import Token
from grader.notebook import parse
from grader.store import blobs
from grader.store.likeness import LikenessPair
from grader.store.models import Assignment, Person, Role, Submission
from grader.text import Text
from webapp.access import allow, here
from webapp.language import say
from webapp.site import reading, site, writing

blueprint = Blueprint("likeness", __name__)
MOST_PAIRS = 200  # on the page; those with the largest share
MOST_LINES = 3_000  # of a notebook
LONGEST_LINE = 1_000  # letters


@dataclass(frozen=True)
class Line:
    """One line of a cell. `passage` counts from 1, and `first`: the passage begins here."""

    number: int
    text: str
    passage: int | None
    first: bool


@dataclass(frozen=True)
class Cell:
    """A code cell; `number` counts all cells from 1."""

    number: int
    lines: Sequence[Line]

    @property
    def marked(self) -> bool:
        return any(line.passage for line in self.lines)


@blueprint.get("/courses/<course>/assignments/<assignment>/likeness")
@allow(Role.ASSISTANT)
def pairs(course: str, assignment: str) -> str:
    """What was found, and when."""
    row = here().the_assignment
    found = likeness.pairs(reading(), row)
    return render_template(
        "likeness/pairs.html", found=found[:MOST_PAIRS], count=len(found), state=likeness.state(reading(), row)
    )


@blueprint.post("/courses/<course>/assignments/<assignment>/likeness")
@allow(Role.ASSISTANT)
def look(course: str, assignment: str) -> Response:
    """Has all submissions compared in the background."""
    with writing() as session:
        row = session.get_one(Assignment, here().the_assignment.id)
        likeness.ask(session, row, site().jobs.ask, actor=session.get_one(Person, here().person.id))
    flash(
        say(
            "비교를 요청했습니다. 채점이 모두 끝난 뒤에 워커가 비교합니다.",
            "Asked for. A worker does it when no grading waits.",
        )
    )
    return redirect(url_for("likeness.pairs", course=course, assignment=assignment), 303)


@blueprint.get("/courses/<course>/assignments/<assignment>/likeness/<int:id>")
@allow(Role.ASSISTANT)
def pair(course: str, assignment: str, id: int) -> str:
    """Two notebooks side by side, with what they have in common."""
    return _pair(id)


@blueprint.post("/courses/<course>/assignments/<assignment>/likeness/<int:id>")
@allow(Role.INSTRUCTOR)
def settle(course: str, assignment: str, id: int) -> str | tuple[str, int] | Response:
    """Somebody has looked at it, and says what they found out."""
    again = request.form.get("again") == "1"
    try:
        with writing() as session:
            row = _row(session, id)
            who = session.get_one(Person, here().person.id)
            if again:
                likeness.reopen(session, row, actor=who)
            else:
                likeness.settle(session, row, request.form.get("note", ""), actor=who)
    except BadInput as error:
        return _pair(id, error.text), 400
    flash(say("다시 열었습니다.", "Open again.") if again else say("검토 완료로 표시했습니다.", "Settled."))
    return redirect(url_for("likeness.pairs", course=course, assignment=assignment), 303)


def _pair(id: int, wrong: Text | None = None) -> str:
    found = likeness.pair(reading(), here().the_assignment, id)
    if found is None:
        abort(404)
    left, right, passages = likeness.both_sides(reading(), found)
    numbered = list(enumerate(passages, 1))
    sides = (
        _cells(found.pair.left_id, left, {number: (one.left, one.tokens) for number, one in numbered}),
        _cells(found.pair.right_id, right, {number: (one.right, one.tokens) for number, one in numbered}),
    )
    return render_template("likeness/pair.html", found=found, sides=_columns(found, sides), stale=not left, wrong=wrong)


def _columns(found: Found, sides: tuple[Sequence[Cell], Sequence[Cell]]) -> list[tuple[Person, str, Sequence[Cell]]]:
    return [(found.left, found.left_receipt, sides[0]), (found.right, found.right_receipt, sides[1])]


def _cells(submission: int, tokens: Sequence[Token], parts: Mapping[int, tuple[int, int]]) -> list[Cell]:
    """The code of a notebook, its lines marked with the number of the passage in which they are."""
    data = blobs.get(reading(), reading().get_one(Submission, submission).notebook)
    try:
        cells = parse(data, "notebook").code_cells
    except BadNotebook:
        return []
    marked, seen, left, found = compared.marked_lines(tokens, parts), set[int](), MOST_LINES, []
    for cell in cells:
        lines = []
        for number, text in enumerate(cell.source.split("\n")[:left], 1):
            passage = marked.get((cell.index, number))
            lines.append(Line(number, text[:LONGEST_LINE], passage, passage is not None and passage not in seen))
            seen |= {passage} if passage is not None else set()
        left -= len(lines)
        found.append(Cell(cell.index + 1, lines))
    return found


def _row(session: Session, id: int) -> LikenessPair:
    """The pair, which is of this assignment. Ends the request where there is none."""
    row = session.get(LikenessPair, id)
    if row is None or row.assignment_id != here().the_assignment.id:
        abort(404)
    return row
