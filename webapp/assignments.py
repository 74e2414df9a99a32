"""What an assignment's results say: pictures and tables for those who teach it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from markupsafe import Markup

from grader.course import book as books
from grader.course.publishing import YEARS
from grader.store.models import Role
from grader.text import Text
from webapp import wording
from webapp.access import allow, here
from webapp.language import language
from webapp.site import reading
from webapp.staff import charts, insight
from webapp.staff.insight import Behind, Insight, Standing

blueprint = Blueprint("assignments", __name__)


@blueprint.get("/courses/<course>/assignments/<assignment>/results")
@allow(Role.ASSISTANT)
def results(course: str, assignment: str) -> str:
    """All of it. The first page, which everybody asks for, is drawn once for each change."""
    about = here().the_assignment
    book = books.book(reading(), here().course)
    if _place(request.args.get("page")) in (None, 1):
        column = book.column(about.id)
        body = book.kept(("results", about.id, language()), column.version, _body)
    else:
        body = _body()
    return render_template("assignments/results.html", assignment=about, body=body)


def _body() -> Markup:
    """Numbers, pictures and lists."""
    about = here().the_assignment
    found = insight.insight(reading(), here().course, about)
    drawn = charts.charts(found, _local, _link)
    grid, page, pages = _grid(found)
    words = render_template(
        "assignments/_results.html",
        assignment=about,
        found=found,
        charts=[(chart, chart.svg(language())) for chart in drawn],
        grid=(grid, grid.svg(language())) if grid.rows else None,
        page=page,
        pages=pages,
        grid_size=insight.GRID,
        bins=insight.BINS,
    )
    return Markup(words)  # rendered by us, with everything in it escaped


@blueprint.get("/courses/<course>/assignments/<assignment>/results/people")
@allow(Role.ASSISTANT)
def behind(course: str, assignment: str) -> str:
    """Who is behind a bar."""
    about, zone_course = here().the_assignment, here().course
    day = request.args.get("day")
    if day is not None:
        rows = insight.of_day(reading(), zone_course, about, _day(day))
        return render_template("assignments/behind.html", assignment=about, day=day, rows=rows, picked=None)
    wish = Behind(
        bin=_place(request.args.get("bin")),
        check=request.args.get("check"),
        misconception=request.args.get("misconception"),
        state=request.args.get("state"),
    )
    found = [one for one in insight.standings(reading(), zone_course, about) if wish.picks(one)]
    return render_template(
        "assignments/behind.html",
        assignment=about,
        day=None,
        rows=found,
        picked=wish,
        bins=insight.BINS,
        called=_called(wish.check or wish.misconception),
    )


def _called(id: str | None) -> Text | None:
    """The title of that check or misconception."""
    if id is None:
        return None
    found = insight.insight(reading(), here().course, here().the_assignment)
    titles = {one.name: one.title for one in found.checks} | {one.id: one.title for one in found.misconceptions}
    return titles.get(id, Text(id, id))


def _link(**which: Any) -> str:
    about = here()
    return url_for("assignments.behind", course=about.course.key, assignment=about.the_assignment.key, **which)


def _person(one: Standing) -> str:
    if one.receipt:
        return url_for("submission.page", receipt=one.receipt)
    return url_for("people.person", course=here().course.key, id=one.person_id)


def _grid(found: Insight) -> tuple[charts.Chart, int, int]:
    """Who lost most comes first; a picture holds so many people."""
    people = sorted((one for one in found.standings if one.checks), key=lambda one: (one.share or 0.0, one.name))
    pages = max(1, -(-len(people) // insight.GRID))
    page = min(max(_place(request.args.get("page")) or 1, 1), pages)
    part = people[(page - 1) * insight.GRID : page * insight.GRID]
    return charts.grid(part, found.checks, _person), page, pages


def _local(moment: datetime) -> str:
    return wording.moment(moment, here().course.timezone)


def _place(words: str | None) -> int | None:
    return int(words) if words is not None and words.isdecimal() and len(words) < 7 else None


def _day(words: str) -> date:
    try:
        found = date.fromisoformat(words)
    except ValueError:
        abort(404)
    if found.year not in YEARS:
        abort(404)
    return found
