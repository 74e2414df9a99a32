"""The anonymous survey: its form for students, its summary for staff, and for all once it is published.

Who answers is never noted beside what they say, nor when: the views for students are in no access log and no count
(`webapp.logs.QUIET`), and the answer goes to `grader.course.surveys` in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from grader.assignment import Catalog
from grader.course import surveys
from grader.course.surveys import Answers, Form, Kind, State, Summary
from grader.drawing import INK, TARGET
from grader.errors import BadInput, GraderError
from grader.store.models import Course, Member, Person, Role
from grader.store.surveys import Survey
from grader.text import Text
from webapp.access import RANK, Link, allow, here
from webapp.language import language, say
from webapp.limits import limiter
from webapp.site import fresh, reading, site, writing
from webapp.staff.charts import BAR, HEIGHT, ROOM, WIDTH, Cell, Chart, Say, Spec

blueprint = Blueprint("surveys", __name__)
LINKS = (Link("surveys.desk", Text("설문", "Survey"), Role.ASSISTANT),)


@dataclass(frozen=True)
class Part:
    """What was said to one question: a picture with its table, or texts."""

    answers: Answers
    chart: Chart | None
    svg: Markup | None


# --------------------------------------------------------------------------------------------------- for students


@blueprint.get("/courses/<course>/survey")
@allow(Role.STUDENT)
def show(course: str) -> str:
    """The form, or thanks, or the summary once it is published. Staff see what students are asked."""
    found = surveys.current(reading(), here().course, here().person)
    if found is None:
        return render_template("surveys/none.html")
    return _page(*found)


@blueprint.post("/courses/<course>/survey")
@allow(Role.STUDENT)
@limiter.limit("60/hour")
def answer(course: str) -> str | tuple[str, int] | Response:
    """Takes an answer; one of each student."""
    found = surveys.current(reading(), here().course, here().person)
    if found is None:
        abort(404)
    row, state = found
    raw = {one.id: request.form.get(f"q-{one.id}", "") for one in surveys.form(row.form).questions}
    database, course_id, person_id = site().database, here().course.id, here().person.id
    fresh()  # or this request's own look at the store would keep the state before alive
    try:
        surveys.answer(database, course_id, row.id, person_id, raw)
    except BadInput as error:
        return _page(row, state, error.text), 400
    return redirect(url_for("surveys.show", course=course), 303)


def waiting() -> State | None:
    """What the start page of a course tells a student: that a survey can be answered, or that a summary is there."""
    found = None if here().staff else surveys.current(reading(), here().course, here().person)
    return found[1] if found is not None and found[1] in (State.MAY_ANSWER, State.PUBLISHED) else None


def _page(row: Survey, state: State, wrong: Text | None = None) -> str:
    form = surveys.form(row.form)
    found = surveys.summary(row) if state is State.PUBLISHED else None
    return render_template(
        "surveys/show.html",
        form=form,
        state=State.MAY_ANSWER if here().staff and row.closed_at is None else state,
        wrong=wrong,
        least=surveys.LEAST,
        longest=surveys.LONGEST,
        summary=found,
        parts=_parts(found),
    )


# ------------------------------------------------------------------------------------------------------ for staff


@blueprint.get("/courses/<course>/surveys")
@allow(Role.ASSISTANT)
def desk(course: str) -> str:
    """The surveys of the course: open, close, publish."""
    return _desk()


@blueprint.post("/courses/<course>/surveys")
@allow(Role.INSTRUCTOR)
def decide(course: str) -> str | tuple[str, int] | Response:
    """Opens the survey of the course's folder, or closes the one that is open."""
    verb, about = request.form.get("do", ""), here().course.id
    who = here().person
    try:
        if verb == "open":
            with writing() as session:
                surveys.open_survey(
                    session, session.get_one(Course, about), _file(), actor=session.get_one(Person, who.id)
                )
        elif verb == "close":
            fresh()
            surveys.close(site().database, about, actor=who, discard=request.form.get("discard") == "1")
        else:
            abort(404)
    except BadInput as error:
        return _desk(error.text), 400
    flash(say("설문을 열었습니다.", "The survey is open.") if verb == "open" else say("설문을 닫았습니다.", "Closed."))
    return redirect(url_for("surveys.desk", course=course), 303)


@blueprint.get("/courses/<course>/surveys/<int:id>")
@allow(Role.ASSISTANT)
def results(course: str, id: int) -> str:
    """What was said, once it is closed."""
    row = _the(id)
    found = surveys.summary(row)
    if found is None:
        abort(404)
    return render_template(
        "surveys/results.html", survey=row, form=surveys.form(row.form), summary=found, parts=_parts(found), may=_may()
    )


@blueprint.post("/courses/<course>/surveys/<int:id>")
@allow(Role.INSTRUCTOR)
def publish(course: str, id: int) -> Response:
    """Shows the summary to students, or hides it again."""
    row, on = _the(id), request.form.get("on") == "1"
    try:
        with writing() as session:
            who = session.get_one(Person, here().person.id)
            surveys.publish(session, session.get_one(Survey, row.id), actor=who, on=on)
    except BadInput as error:
        flash(say(error.text))
        return redirect(url_for("surveys.desk", course=course), 303)
    flash(say("학생에게 공개했습니다.", "Students see it now.") if on else say("공개를 취소했습니다.", "Hidden again."))
    return redirect(url_for("surveys.results", course=course, id=id), 303)


def _desk(wrong: Text | None = None) -> str:
    session, about = reading(), here()
    students = session.scalar(
        select(func.count())
        .select_from(Member)
        .join(Person, Person.id == Member.person_id)
        .where(Member.course_id == about.course.id, Member.role == Role.STUDENT, Person.active)
    )
    rows = [
        (row, surveys.form(row.form), surveys.answered(session, row)) for row in surveys.surveys(session, about.course)
    ]
    return render_template(
        "surveys/desk.html",
        rows=rows,
        students=students,
        running=any(row.closed_at is None for row, _, _ in rows),
        next=_next([row.key for row, _, _ in rows]),
        least=surveys.LEAST,
        may=_may(),
        wrong=wrong,
    )


def _next(keys: Sequence[str]) -> Form | None:
    """The survey that could be opened: that of the folder, if there is one that was not opened yet."""
    try:
        found = surveys.read(_file())
    except GraderError:
        return None
    return None if found.key in keys else found


def _file() -> Path:
    return Catalog.find().assignments / surveys.FILE


def _the(id: int) -> Survey:
    found = reading().get(Survey, id)
    if found is None or found.course_id != here().course.id:
        abort(404)
    return found


def _may() -> bool:
    return RANK[here().member.role] >= RANK[Role.INSTRUCTOR]


# ------------------------------------------------------------------------------------------------------- pictures


def _parts(found: Summary | None) -> Sequence[Part]:
    if found is None:
        return ()
    charts = [_chart(one) for one in found.answers]
    return [
        Part(one, chart, chart.svg(language()) if chart else None)
        for one, chart in zip(found.answers, charts, strict=True)
    ]


def _chart(one: Answers) -> Chart | None:
    if one.question.kind is Kind.TEXT or not one.n:
        return None
    words = Text(f"{one.n}명이 답했습니다.", f"{one.n} answered.")
    if one.mean is not None:
        shown = f"{one.mean:.1f}"
        between = "" if one.low is None else f" [{one.low:.1f}, {one.high:.1f}]"
        words += Text(f"평균 {shown}{between} (95% 구간).", f"Mean {shown}{between} (95% interval).")
    rows = [
        [
            *(Cell(count.option.text), Cell(_same(str(count.count)))),
            Cell(_same(f"{count.share:.0%} [{count.low:.0%}, {count.high:.0%}]")),
        ]
        for count in one.counts
    ]
    draw = _scale(one) if one.question.kind is Kind.SCALE else _choice(one)
    head = [Text("답", "Answer"), Text("명", "People"), Text("비율 (95% 구간)", "Share (95% interval)")]
    return Chart(one.question.id, one.question.text, words, head, rows, draw)


def _scale(one: Answers) -> Callable[[Say], Spec]:
    """Bars of the points, and above them the mean with its interval."""
    most = max(count.count for count in one.counts)

    def draw(say: Say) -> Spec:
        first, last = (say(one.counts[place].option.text) for place in (0, -1))
        axis = {"values": [1, 2, 3, 4, 5], "format": "d", "grid": False}
        x = {"type": "quantitative", "scale": {"domain": [0.5, 5.5]}, "axis": axis, "title": f"{first} — {last}"}
        y = {
            **{"type": "quantitative", "title": say(Text("명", "people")), "scale": {"domain": [0, most * 1.25]}},
            "axis": {"values": sorted({round(most * part / 4) for part in range(5)}), "format": "d"},
        }
        bars = [
            {"left": place + 0.6, "right": place + 1.4, "none": 0, "count": count.count}
            for place, count in enumerate(one.counts)
        ]
        middle = {"mean": one.mean, "low": one.low, "high": one.high, "at": most * 1.13}
        layers = [
            {
                "data": {"values": bars},
                "mark": {"type": "rect", "color": BAR},
                "encoding": {
                    **{"x": {**x, "field": "left"}, "x2": {"field": "right"}},
                    **{"y": {**y, "field": "none"}, "y2": {"field": "count"}},
                },
            },
            {
                "data": {"values": [middle]},
                "mark": {"type": "point", "filled": True, "size": 90, "color": TARGET, "opacity": 1},
                "encoding": {"x": {**x, "field": "mean"}, "y": {**y, "field": "at"}},
            },
        ]
        if one.low is not None:
            layers.append(
                {
                    "data": {"values": [middle]},
                    "mark": {"type": "rule", "color": TARGET, "strokeWidth": 2},
                    "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": {**y, "field": "at"}},
                }
            )
        return {"width": WIDTH, "height": HEIGHT * 0.8, "layer": layers}

    return draw


def _choice(one: Answers) -> Callable[[Say], Spec]:
    """Bars of the shares with their intervals."""

    def draw(say: Say) -> Spec:
        values = [
            {"name": say(count.option.text), "share": count.share, "low": count.low, "high": count.high}
            for count in one.counts
        ]
        y = {
            **{"field": "name", "type": "nominal", "sort": None, "title": None},
            "axis": {"labelLimit": 0, "domain": False},
        }
        x = {
            **{"type": "quantitative", "title": say(Text("답한 사람의 비율", "share of those who answered"))},
            **{"scale": {"domain": [0, 1]}, "axis": {"format": "%"}},
        }
        bar = {"mark": {"type": "bar", "color": BAR}, "encoding": {"y": y, "x": {**x, "field": "share"}}}
        rule = {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        }
        return {
            **{"padding": ROOM, "width": WIDTH * 0.7, "height": {"step": 30}},
            **{"data": {"values": values}, "layer": [bar, rule]},
        }

    return draw


def _same(words: str) -> Text:
    return Text(words, words)
