"""The gradebook: people by assignments and graded quizzes, as a table and as files for other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select

from grader.course import decisions, exports
from grader.course.grades import FEW
from grader.course.quizzes import QuizGrade, QuizMode
from grader.store import audit
from grader.store.models import Assignment, Course, Person, Role, Submission
from grader.store.quizzes import QuizAttempt
from grader.text import Text
from webapp.access import Link, allow, here
from webapp.language import language, say
from webapp.site import reading, writing
from webapp.staff import insight
from webapp.staff import sheet as sheets
from webapp.staff.sheet import Column, Graded, Sheet, Wish
from webapp.wording import points

blueprint = Blueprint("gradebook", __name__)
BENEATH = ("assignments", "submission", "likeness")
LINKS = (Link("gradebook.sheet", Text("성적부", "Gradebook"), Role.ASSISTANT, BENEATH),)
MIME = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".db": "application/vnd.sqlite3",
}
STATES = {
    "pending": ("…", Text("채점을 기다리는 중", "waits to be graded")),
    "problem": ("!", Text("채점하지 못함", "could not be graded")),
    "none": ("–", Text("제출 없음", "nothing handed in")),
    "open": ("✎", Text("푸는 중", "an attempt is running")),
}


@blueprint.get("/courses/<course>/gradebook")
@allow(Role.ASSISTANT)
def sheet(course: str) -> str:
    """One page of it."""
    about = here().course
    found = sheets.sheet(reading(), about, _wish())
    cells = [_cells(found, column, course) for column in found.columns]
    return render_template(
        "gradebook/sheet.html",
        found=found,
        rows=[(row, Markup("").join(each[row.person_id] for each in cells)) for row in found.rows],
        formats=exports.FORMATS.values(),
        waiting=len(decisions.open_requests(reading(), about)),
        to=_to(course, found),
        no_group=sheets.NO_GROUP,
    )


@blueprint.get("/courses/<course>/gradebook/export/<format>")
@allow(Role.ASSISTANT)
def export(course: str, format: str) -> Response:
    """The whole gradebook as a file; that somebody took it is noted in the audit log."""
    if format not in exports.FORMATS:
        abort(404)
    chosen = exports.FORMATS[format]
    table = exports.gather(reading(), here().course, checks=chosen.checks)
    data = chosen.render(table).data
    who, where = here().person.id, here().course.id
    with writing() as session:
        numbers = {"people": len(table.rows), "assignments": len(table.assignments), "quizzes": len(table.quizzes)}
        person = session.get_one(Person, who)
        audit.record(session, person, "gradebook.export", f"course:{where}", format=format, **numbers)
    name = f"{course}-{format}{chosen.suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(
        data, mimetype=None, content_type=MIME.get(chosen.suffix, "application/octet-stream"), headers=headers
    )


@blueprint.get("/courses/<course>/requests")
@allow(Role.ASSISTANT)
def requests(course: str) -> str:
    """What students asked to have looked at again, and nobody answered yet."""
    return render_template("gradebook/requests.html", rows=_requests(here().course))


# -------------------------------------------------------------------------------------------------------- pieces


def _wish() -> Wish:
    words = request.args
    page = words.get("page", "1")
    return Wish(
        sort=words.get("sort", sheets.PERSON),
        down=words.get("down") == "1",
        group=words.get("group", ""),
        search=words.get("q", "").strip()[:200],
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        whole=words.get("all") == "1",
    )


def _to(course: str, found: Sheet) -> Any:
    """`to(sort=..., page=...)`: this table with something else."""
    wish = found.wish
    now = {
        "sort": wish.sort,
        "down": "1" if wish.down else None,
        "group": wish.group or None,
        "q": wish.search or None,
        "all": "1" if wish.whole else None,
    }

    def to(**other: Any) -> str:
        return url_for("gradebook.sheet", course=course, **{**now, **other})

    return to


def _cells(found: Sheet, column: Column, course: str) -> Mapping[int, Markup]:
    """An assignment's or a quiz's cells by person. There are thousands, so they are made once for each grade that
    changes."""
    book, half = found.book, sheets.half(found.book, column.quiz)
    anchor = f"quiz-{column.key}" if column.quiz else column.key

    def make(some: Sequence[int]) -> Mapping[int, Markup]:
        grades = half.grades[column.id]
        if column.quiz:
            places = _sittings(course, {person: grades[person] for person in some})
        else:
            receipts = insight.receipts(reading(), book, column.id)
            places = {person: f"/submissions/{receipts[person]}/staff" for person in some if person in receipts}
        return {
            person: _cell(grades[person], places.get(person, f"/courses/{course}/people/{person}#{anchor}"))
            for person in some
        }

    return book.each(("cells", column.quiz, column.id, language()), half.stamps[column.id], make)


def _sittings(course: str, grades: Mapping[int, QuizGrade]) -> Mapping[int, str]:
    """By person, the address of the attempt that counts."""
    counting = {person: grade.attempt_id for person, grade in grades.items() if grade.attempt_id is not None}
    if not counting:
        return {}
    query = select(QuizAttempt.id, QuizAttempt.receipt)
    if len(counting) <= FEW:
        query = query.where(QuizAttempt.id.in_(counting.values()))
    else:  # then it is faster to read all
        query = query.where(QuizAttempt.course_id == here().course.id, QuizAttempt.mode == QuizMode.GRADED)
    receipts = {row.id: row.receipt for row in reading().execute(query)}
    return {  # url_for takes ten times as long
        person: f"/courses/{course}/sittings/{receipts[id]}/review" for person, id in counting.items() if id in receipts
    }


_CELL = Markup('<td class="number {}"><a href="{}" title="{}">{}</a></td>')


def _cell(grade: Graded, address: str) -> Markup:
    """It leads to what counts, or to the person."""
    if grade.status != "graded":
        sign, words = STATES[grade.status]
        return _CELL.format(grade.status, address, say(words), sign)
    return _CELL.format(_kind(grade), address, _about(grade), _shown(grade))


def _shown(grade: Graded) -> str:
    """Marks come first, so that digits stand under digits."""
    marks = ("*" if grade.overridden else "") + ("L" if grade.late_days else "")
    return f"{marks} {points(grade.score)}" if marks else points(grade.score)


def _kind(grade: Graded) -> str:
    share = grade.score / grade.max_score if grade.max_score else 1.0
    return "full" if share >= 1 else "low" if share < 0.5 else "some"


def _about(grade: Graded) -> str:
    words = f"{points(grade.score)} / {points(grade.max_score)}"
    if grade.late_days:
        words += say(f", {grade.late_days}일 늦음", f", {grade.late_days} days late")
    if grade.overridden:
        words += say(", 직접 조정함", ", changed by hand")
    return words


def _requests(course: Course) -> list[Mapping[str, Any]]:
    session = reading()
    found: list[Mapping[str, Any]] = []
    for one in decisions.open_requests(session, course):
        submission = session.get_one(Submission, one.submission_id)
        assignment = session.get_one(Assignment, submission.assignment_id)
        person = session.get_one(Person, one.person_id)
        title = Text.from_json(assignment.title)
        found.append({"request": one, "receipt": submission.receipt, "title": title, "person": person})
    return found
