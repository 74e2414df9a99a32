"""The leaderboard of an assignment: as students see it, and as staff do.

A student's page is built from the public ranking, the own submissions and, once the board is over, the private
ranking. `grader.course.boards.Look.finals` gives that one to nobody before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader import drawing
from grader.course import boards
from grader.course.boards import Fate, Final, Look, Place, Share
from grader.errors import BadInput
from grader.picture import Interval, Intervals, Row
from grader.store.models import Assignment, Person, Role, Submission
from grader.text import Text
from webapp.access import allow, here
from webapp.language import language, say
from webapp.limits import limiter
from webapp.presenters import Figure
from webapp.site import reading, writing

blueprint = Blueprint("leaderboard", __name__)
DRAWN = 25  # people in the picture; the table holds all
Page = str | Response | tuple[str | Response, int]
FATES = {
    Fate.MOVED: Text("점수가 올랐습니다", "It became the score"),
    Fate.KEPT: Text("점수가 그대로입니다", "The score stayed"),
    Fate.BUDGET: Text("하루 제출 수를 넘었습니다", "Beyond the day's share"),
    Fate.WAITING: Text("채점을 기다립니다", "Waiting"),
    Fate.NOTHING: Text("답이 없습니다", "No answer"),
    Fate.LATE: Text("순위표가 끝난 뒤입니다", "After the end"),
    Fate.OLDER: Text("예전 경기로 채점되었습니다", "Graded on older matches"),
}
WHY = {
    Fate.MOVED: Text(
        "전의 점수보다 우연이라고 보기 어려울 만큼 나았습니다.", "It was better than before by more than chance."
    ),
    Fate.KEPT: Text(
        "전의 점수보다 우연이라고 보기 어려울 만큼 낫지는 않았습니다. 얼마나 달랐는지는 누구에게도 알리지 않습니다.",
        "It was not better than before by more than chance. By how much it differed is told to nobody.",
    ),
    Fate.BUDGET: Text(
        "하루에 정해진 수만큼만, 먼저 낸 것부터 순위표에 듭니다. 과제 점수에는 그대로 들어갑니다.",
        "Only so many a day count for the board, the first ones. For your grade it counts as ever.",
    ),
    Fate.WAITING: Text(
        "이 제출이나 이보다 먼저 낸 제출이 아직 채점되지 않았습니다. 낸 순서대로 견줍니다.",
        "It, or one that you handed in before it, is not graded yet. They are compared in the order of receipt.",
    ),
    Fate.NOTHING: Text(
        "채점되지 않았거나, 모델이 순위표의 경기에 답하지 못했습니다.",
        "It has no grade, or its model had no answer to the matches of the board.",
    ),
    Fate.LATE: Text("순위표에는 끝나기 전에 낸 것만 듭니다.", "Only what came before the end counts for the board."),
    Fate.OLDER: Text(
        "순위표의 경기가 바뀌었습니다. 다시 채점되면 들어갑니다.",
        "The matches of the board are others now. It counts when it is graded again.",
    ),
}
FIRST = Text("첫 점수입니다", "The first score")
WHY_FIRST = Text("앞으로의 제출은 이 점수와 견줍니다.", "What follows is compared with it.")


@dataclass(frozen=True)
class Line:
    """A line of the public ranking, as everybody in the course sees it."""

    place: int | None
    name: str
    score: Share | None
    mine: bool


@dataclass(frozen=True)
class Try:
    """What became of one of the reader's own submissions. `number` counts from 1. `first`: it gave the first score."""

    number: int
    receipt: str
    received_at: datetime
    fate: Fate
    first: bool

    @property
    def title(self) -> Text:
        return FIRST if self.first else FATES[self.fate]

    @property
    def why(self) -> Text:
        return WHY_FIRST if self.first else WHY[self.fate]


@dataclass(frozen=True)
class Both(Intervals):
    """Private shares with their intervals; the tick is the public score."""

    def sentences(self) -> Text:
        """As a person would say it."""
        text = Text(f"{self.title.ko}.", f"{self.title.en}.")
        for row in self.rows:
            text += Text(
                f"{row.name.ko}: 비공개 {row.value:.2%}, 95% 신뢰구간 {row.low:.2%} – {row.high:.2%}, "
                f"공개 {row.target:.2%}.",
                f"{row.name.en}: private {row.value:.2%}, 95% interval {row.low:.2%} – {row.high:.2%}, "
                f"public {row.target:.2%}.",
            )
        return text

    def table(self) -> list[Row]:
        """All numbers that are drawn."""
        head = [Text("별명", "Name"), Text("비공개", "Private"), Text("95% 구간", "95% interval")]
        rows: list[Row] = [[*head, Text("공개", "Public")]]
        for row in self.rows:
            numbers = (f"{row.value:.2%}", f"{row.low:.2%} – {row.high:.2%}", f"{row.target:.2%}")
            rows.append([row.name, *(Text(one, one) for one in numbers)])
        return rows


@blueprint.app_context_processor
def _known() -> dict[str, object]:
    """Templates ask `has_board(assignment)` before they lead to one."""
    return {"has_board": lambda assignment: boards.is_open(reading(), assignment)}


# ------------------------------------------------------------------------------------------------- students


@blueprint.get("/courses/<course>/assignments/<assignment>/board")
@allow(Role.STUDENT)
def show(course: str, assignment: str) -> Page:
    """The ranking, what became of the own submissions, and joining."""
    return _show()


@blueprint.post("/courses/<course>/assignments/<assignment>/board")
@allow(Role.STUDENT)
@limiter.limit("30/hour")
def join(course: str, assignment: str) -> Page:
    """Under a pseudonym, or under another one than before."""
    about, words = here(), request.form.get("name", "")
    _must_be_there()
    try:
        with writing() as session:
            one, who = session.get_one(Assignment, about.the_assignment.id), session.get_one(Person, about.person.id)
            name = boards.choose_name(session, one, who, words)
    except BadInput as error:
        return _show(wrong=error.text, words=words[:100]), 400
    flash(say(f"순위표에 '{name}'(으)로 오릅니다.", f"You are on the board as '{name}'."))
    return redirect(_address("show"), 303)


@blueprint.post("/courses/<course>/assignments/<assignment>/board/leave")
@allow(Role.STUDENT)
def leave(course: str, assignment: str) -> Response:
    """Off the board."""
    about = here()
    _must_be_there()
    with writing() as session:
        one, who = session.get_one(Assignment, about.the_assignment.id), session.get_one(Person, about.person.id)
        boards.withdraw(session, one, who)
    flash(say("순위표에서 내려왔습니다.", "You are off the board."))
    return redirect(_address("show"), 303)


def _show(wrong: Text | None = None, words: str | None = None) -> str | Response:
    session, about = reading(), here()
    look = boards.look(session, about.the_assignment)
    if look is None:
        return redirect(_address("staff"), 303) if about.staff else abort(404)
    return render_template(
        "leaderboard/show.html",
        title=Text.from_json(about.the_assignment.title),
        look=look,
        lines=[_line(one, about.person) for one in look.places],
        score=look.score_of(about.person),
        tries=_tries(look, about.person),
        name=boards.name_of(session, about.the_assignment, about.person),
        competes=about.member.role is Role.STUDENT,
        wrong=wrong,
        words=words,
        **_ending(look.finals, about.person),
    )


def _must_be_there() -> None:
    if not boards.is_open(reading(), here().the_assignment):
        abort(404)


def _line(one: Place, reader: Person) -> Line:
    return Line(one.place, one.name, one.score, one.person_id == reader.id)


def _tries(look: Look, reader: Person) -> list[Try]:
    """The latest first."""
    query = select(Submission.id, Submission.receipt).where(
        Submission.assignment_id == here().the_assignment.id, Submission.person_id == reader.id
    )
    receipts = {row.id: row.receipt for row in reading().execute(query)}
    lines = look.of(reader).lines
    first = next((one for one in lines if one.fate is Fate.MOVED), None)
    found = [
        Try(number, receipts[one.submission_id], one.received_at, one.fate, one is first)
        for number, one in enumerate(lines, 1)
    ]
    return found[::-1]


# --------------------------------------------------------------------------------------------------- the end


def _ending(finals: Sequence[Final] | None, reader: Person) -> dict[str, object]:
    """What the page says of the private ranking; nothing where it is not given."""
    if finals is None:
        return {"finals": None}
    return {
        "finals": [(one, one.person_id == reader.id) for one in finals],
        "figure": _figure(finals) if finals else None,
        "lesson": _lesson(finals) if finals else None,
    }


def _figure(finals: Sequence[Final]) -> Figure:
    rows = [
        Interval(Text(one.name, one.name), one.private.value, one.private.low, one.private.high, one.public.value)
        for one in finals[:DRAWN]
    ]
    title = Text("비공개 점수와 95% 신뢰구간, 세로선은 공개 점수", "Private scores, 95% intervals; ticks: public")
    picture = Both("board", title, rows)
    drawn = Markup(drawing.svg(picture, language()))
    return Figure(picture.title, picture.sentences(), drawn, picture.table())


def _lesson(finals: Sequence[Final]) -> Text:
    """What a board that tells every accuracy would have shown, and what it would have been worth."""
    first = max(finals, key=lambda one: (one.naive.value, -one.place))
    ours = 100 * fmean(one.public.value - one.private.value for one in finals)
    theirs = 100 * fmean(one.naive.value - one.naive_private.value for one in finals)
    text = Text(
        f"모든 정확도를 그대로 보여 주는 순위표였다면 '{first.name}'이(가) 공개 {first.naive.value:.2%}로 1위였을 "
        f"것입니다. 그 제출은 비공개 경기에서 {first.naive_private.value:.2%}입니다.",
        f"On a board that tells every accuracy '{first.name}' would have been first, with {first.naive.value:.2%} in "
        f"the public part. In the private part that submission has {first.naive_private.value:.2%}.",
    )
    return text + Text(
        f"모두의 평균으로 공개 점수에서 비공개 점수를 빼면 여기서는 {ours:+.2f}점, 그런 순위표에서는 {theirs:+.2f}점"
        "입니다. 뒤의 것이 더 큰 만큼은 실력이 아니라 순위표에 맞춰진 것입니다.",
        f"On average over everybody, public less private is {ours:+.2f} points here, and {theirs:+.2f} on such a "
        "board. By as much as that is more, it was fitted to the board and is no skill.",
    )


# ----------------------------------------------------------------------------------------------------- staff


@blueprint.get("/courses/<course>/assignments/<assignment>/board/staff")
@allow(Role.ASSISTANT)
def staff(course: str, assignment: str) -> Page:
    """Who is behind which name, and the private ranking at any time."""
    return _staff()


@blueprint.post("/courses/<course>/assignments/<assignment>/board/staff")
@allow(Role.INSTRUCTOR)
def decide(course: str, assignment: str) -> Page:
    """Opens the board, changes its budget, or closes it."""
    about, form = here(), request.form
    try:
        with writing() as session:
            one, who = session.get_one(Assignment, about.the_assignment.id), session.get_one(Person, about.person.id)
            if form.get("what") == "close":
                boards.close_board(session, one, actor=who)
            else:
                words = form.get("a_day", "").strip()
                boards.open_board(session, one, a_day=_whole(words) if words else None, actor=who)
    except BadInput as error:
        return _staff(wrong=error.text), 400
    flash(say("저장했습니다.", "Saved."))
    return redirect(_address("staff"), 303)


@blueprint.post("/courses/<course>/assignments/<assignment>/board/remove")
@allow(Role.ASSISTANT)
def remove(course: str, assignment: str) -> Response:
    """Takes a pseudonym off the board."""
    about, words = here(), request.form.get("person", "")
    with writing() as session:
        person = session.get(Person, int(words)) if words.isdecimal() and len(words) < 10 else None
        if person is None:
            abort(404)
        one, who = session.get_one(Assignment, about.the_assignment.id), session.get_one(Person, about.person.id)
        boards.remove_name(session, one, person, actor=who)
    flash(say("별명을 지웠습니다.", "The pseudonym is gone."))
    return redirect(_address("staff"), 303)


def _staff(wrong: Text | None = None) -> str:
    session, about = reading(), here()
    look = boards.look(session, about.the_assignment)
    finals = [] if look is None else look.finals_for_staff
    private = {one.person_id: one for one in finals}
    rows = [
        (one, private.get(one.person_id), session.get_one(Person, one.person_id))
        for one in (look.places if look else ())
    ]
    return render_template(
        "leaderboard/staff.html",
        title=Text.from_json(about.the_assignment.title),
        look=look,
        rows=rows,
        figure=_figure(finals) if finals else None,
        lesson=_lesson(finals) if finals else None,
        most=boards.MOST_A_DAY,
        usual=boards.A_DAY,
        wrong=wrong,
    )


def _whole(words: str) -> int:
    """Raises BadInput for what is no number; one that is too large is refused like every other."""
    return int(words) if words.isdecimal() and len(words) < 7 else 0


def _address(view: str) -> str:
    about = here()
    return url_for(f"leaderboard.{view}", course=about.course.key, assignment=about.the_assignment.key)
