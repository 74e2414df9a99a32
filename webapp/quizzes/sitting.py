"""Taking a quiz: the questions, the answers, the hints, the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from flask import Response, abort, after_this_request, redirect, render_template, request
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from grader.course import quizzes
from grader.course.quizzes import Item, Sheet
from grader.course.quizzes.seen import is_over
from grader.errors import BadInput
from grader.quiz import media
from grader.store.database import now
from grader.store.models import Role
from grader.store.quizzes import QuizAttempt, QuizMode
from grader.text import Text
from webapp.access import allow
from webapp.language import YEAR_S, say
from webapp.limits import limiter
from webapp.quizzes import desk, forms, shown, topics
from webapp.quizzes.desk import address, blueprint
from webapp.quizzes.forms import Given
from webapp.site import reading, site, writing

# one a second, and as much again after a lost line; by the pages and by programs together
often = limiter.shared_limit("240/minute", scope="answers")
PREFERENCES = {"view": ("one", "all"), "clock": ("shown", "hidden")}
SAFE = {"Cache-Control": "private, max-age=3600"}


@dataclass(frozen=True)
class Clash:
    """An answer that another tab has changed meanwhile: what is kept, and what this page holds."""

    kept: Markup
    mine: Markup
    at: str
    revision: int


@dataclass
class Outcome:
    """What became of the answers of a form. `typed` are those that were not kept, by position."""

    typed: dict[int, Any] = field(default_factory=dict)
    clashes: dict[int, Clash] = field(default_factory=dict)
    wrong: dict[int, Text] = field(default_factory=dict)
    ended: Text | None = None

    @property
    def whole(self) -> bool:
        return not (self.clashes or self.wrong or self.ended)


# --------------------------------------------------------------------------------------------------- pages


@blueprint.get("/courses/<course>/sittings/<sitting>")
@allow(Role.STUDENT)
def take(course: str, sitting: str) -> str | AnyResponse:
    """The questions of a running attempt, one or all; of one that is over, its review."""
    sheet = _sheet(desk.attempt(sitting))
    if not sheet.open:
        return redirect(address(sitting, "quizzes.look"), 303)
    _keep_preferences()
    return _page(sheet, _place(request.args.get("q", ""), sheet))


@blueprint.post("/courses/<course>/sittings/<sitting>/answers")
@allow(Role.STUDENT)
@often
def answer(course: str, sitting: str) -> AnyResponse | str | tuple[str, int]:
    """Keeps what the form holds, then does what its button says. Everything on the page is sent with every button."""
    row = desk.attempt(sitting)
    sheet = _sheet(row)
    verb, _, word = request.form.get("do", "save").partition(":")
    place = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else 0
    outcome = _keep_all(row, sheet, verb, place)
    if outcome.ended is not None:
        return _too_late(sheet, outcome), 409
    here = _place(request.form.get("q", ""), sheet)
    if verb in ("go", "check", "hint", "flag", "unflag", "clear", "keep", "take"):
        here = _place(word, sheet)
    if not outcome.whole:
        return _page(_overlaid(_sheet(row), outcome), here, outcome), 409
    if verb == "finish":
        return _finish(row, sheet)
    steps = {"next": 1, "back": -1}
    here = min(max(here + steps.get(verb, 0), 1), len(sheet.items))
    anchor = None if verb in ("next", "back") or (verb == "go" and _view() == "one") else f"q{here}"
    return redirect(address(sitting, q=here, _anchor=anchor), 303)


@blueprint.post("/courses/<course>/sittings/<sitting>/answers/<int:position>")
@allow(Role.STUDENT)
@often
def keep(course: str, sitting: str, position: int) -> tuple[dict[str, Any], int]:
    """Keeps one answer, for the script of the page: the same fields, answered with JSON."""
    row = desk.attempt(sitting)
    sheet = _sheet(row)
    item = _item(sheet, position)
    given = forms.given(item, request.form)
    if given is None:
        return {"text": say("답이 없습니다.", "There is no answer in it.")}, 400
    try:
        with writing() as session:
            saved = quizzes.save(
                *(session, desk.again(session, row), position, given.raw),
                revision=given.revision,
                seconds=given.seconds,
            )
    except quizzes.Stale as error:
        panel = render_template("quizzes/_clash.html", place=position, clash=_clash(error.item, given.raw))
        return {"stale": True, "html": panel}, 409
    except quizzes.Ended as error:
        return {"ended": True, "text": say(error.text), "address": address(sitting, "quizzes.look")}, 410
    except BadInput as error:
        return {"text": say(error.text)}, 400
    after = _sheet(row)
    found = shown.asked(_item(after, position), _picture(sitting))
    return {
        "revision": saved.revision,
        "was": found.trace,
        "saved": say(f"{desk.clock(saved.at, seconds=True)} 저장됨", f"saved {desk.clock(saved.at, seconds=True)}"),
        "said": say(found.said) if found.said else "",
        "reading": str(found.reading or ""),
        "state": found.state,
        "word": say(shown.STATES[found.state]),
        "left": after.seconds_left,
    }, 200


@blueprint.get("/courses/<course>/sittings/<sitting>/time")
@allow(Role.STUDENT)
def time_left(course: str, sitting: str) -> dict[str, Any]:
    """How long is left, by the store's clock; and the key of forms, for a page that was open while its reader signed
    in again."""
    sheet = _sheet(desk.attempt(sitting))
    where = address(sitting, "quizzes.look")
    return {"left": sheet.seconds_left, "open": sheet.open, "address": where, "key": generate_csrf()}


@blueprint.get("/courses/<course>/sittings/<sitting>/pictures/<int:position>")
@allow(Role.STUDENT)
def picture(course: str, sitting: str, position: int) -> Response:
    """The picture of a question, for who sits at it."""
    try:
        name, data = quizzes.picture(reading(), desk.attempt(sitting, staff=True), position)
    except BadInput:
        abort(404)
    return Response(data, content_type=media.media_type(name), headers={**media.HEADERS, **SAFE})


@blueprint.get("/courses/<course>/sittings/<sitting>/submit")
@allow(Role.STUDENT)
def ready(course: str, sitting: str) -> str | AnyResponse:
    """What is not answered yet, before it is handed in."""
    sheet = _sheet(desk.attempt(sitting))
    if not sheet.open:
        return redirect(address(sitting, "quizzes.look"), 303)
    found = [shown.asked(item, _picture(sitting)) for item in sheet.items]
    return render_template("quizzes/ready.html", sheet=sheet, asked=found, until=_until(sheet))


@blueprint.post("/courses/<course>/sittings/<sitting>/submit")
@allow(Role.STUDENT)
def submit(course: str, sitting: str) -> AnyResponse:
    """Ends the attempt; twice is once."""
    row = desk.attempt(sitting)
    _submit(row)
    return redirect(address(sitting, "quizzes.look"), 303)


# -------------------------------------------------------------------------------------------------- pieces


def settle(row: QuizAttempt) -> None:
    """Ends an attempt whose time is over, with what was kept until then."""
    if row.submitted_at is None and is_over(row, now(reading())):
        _submit(row)


def topics_of(sheet: Sheet) -> Mapping[str, str]:
    """The topics of an attempt by their names."""
    return {topic: say(topics.title(topic)) for topic in {item.topic for item in sheet.items}}


def _sheet(row: QuizAttempt) -> Sheet:
    """The attempt as it is now; one whose time is over is ended first."""
    settle(row)
    return quizzes.sheet(reading(), desk.again(reading(), row))


def _submit(row: QuizAttempt) -> None:
    enqueue = site().jobs.enqueue
    with writing() as session:
        quizzes.submit(session, desk.again(session, row), enqueue=enqueue)


def _finish(row: QuizAttempt, sheet: Sheet) -> AnyResponse:
    """Who is graded confirms first; practice just ends."""
    if sheet.mode is QuizMode.GRADED:
        return redirect(address(sheet.receipt, "quizzes.ready"), 303)
    _submit(row)
    return redirect(address(sheet.receipt, "quizzes.look"), 303)


def _keep_all(row: QuizAttempt, sheet: Sheet, verb: str, place: int) -> Outcome:
    """Each answer in a transaction of its own, so that one that clashes holds no other back."""
    outcome = Outcome()
    for item in sheet.items:
        given = forms.given(item, request.form)
        mine = place == item.position
        if mine and verb == "take":
            continue
        if mine and verb == "keep":
            given = _insisted(given, item.position)
        if mine and verb == "clear" and given is not None:
            given = replace(given, raw=None, touched=True)
        if given is None and not (mine and verb in ("hint", "flag", "unflag")):
            continue
        try:
            _one(row, item, given, verb if mine else "save")
        except quizzes.Stale as error:
            raw = given.raw if given else None
            outcome.clashes[item.position] = _clash(error.item, raw)
            outcome.typed[item.position] = raw
        except quizzes.Ended as error:
            outcome.ended = error.text
            if given is not None and given.touched:
                outcome.typed[item.position] = given.raw
        except BadInput as error:
            outcome.wrong[item.position] = error.text
            if given is not None:
                outcome.typed[item.position] = given.raw
    return outcome


def _one(row: QuizAttempt, item: Item, given: Given | None, verb: str) -> None:
    """One answer, and what is asked for it."""
    enqueue = site().jobs.enqueue
    with writing() as session:
        held = desk.again(session, row)
        how = {} if given is None else {"revision": given.revision, "seconds": given.seconds}
        if verb == "check" and given is not None and row.mode is not QuizMode.GRADED:
            if given.raw is None:
                raise BadInput(Text("아직 답이 없습니다. 답하고 나서 확인하세요.", "There is no answer yet to check."))
            quizzes.check(session, held, item.position, given.raw, enqueue=enqueue, **how)  # type: ignore[arg-type]
            return
        if given is not None and given.touched:
            quizzes.save(session, held, item.position, given.raw, **how)  # type: ignore[arg-type]
        if verb == "hint":
            quizzes.hint(session, held, item.position)
        if verb in ("flag", "unflag"):
            quizzes.flag(session, held, item.position, verb == "flag")


def _insisted(given: Given | None, position: int) -> Given | None:
    """The person saw both versions and wants this page's."""
    if given is None:
        return None
    seen = request.form.get(f"seen{position}", "")
    known = seen.isascii() and seen.isdigit() and len(seen) < 10
    return replace(given, touched=True, revision=int(seen) if known else given.revision)


def _clash(kept: Item, raw: Any) -> Clash:
    return Clash(shown.in_words(kept, kept.answer), shown.in_words(kept, raw), "", kept.revision)


def _overlaid(sheet: Sheet, outcome: Outcome) -> Sheet:
    """With what was not kept in its fields, so that nothing has to be typed again. The revision stays that of the
    page, and so does what the answer was: sent again, it is asked about again."""
    items = [
        replace(item, answer=outcome.typed[item.position], said=None)
        if item.position in outcome.typed and item.feedback is None
        else item
        for item in sheet.items
    ]
    return replace(sheet, items=items)


def _too_late(sheet: Sheet, outcome: Outcome) -> str:
    """What came after the end is shown, and not kept."""
    lost = [
        (item.position, shown.in_words(item, outcome.typed[item.position]))
        for item in sheet.items
        if item.position in outcome.typed
    ]
    return render_template("quizzes/ended.html", sheet=sheet, text=outcome.ended, lost=lost)


def _page(sheet: Sheet, here: int, outcome: Outcome | None = None) -> str:
    outcome = outcome or Outcome()
    found = [shown.asked(item, _picture(sheet.receipt)) for item in sheet.items]
    view = _view()
    return render_template(
        "quizzes/take.html",
        sheet=sheet,
        asked=found,
        page=found if view == "all" else [one for one in found if one.position == here],
        at=here,
        view=view,
        clock=_preference("clock"),
        outcome=outcome,
        revisions=_revisions(outcome),
        until=_until(sheet),
        topics=topics_of(sheet),
    )


def _revisions(outcome: Outcome) -> Mapping[int, tuple[str, str]]:
    """Of answers that were not kept: their revision and trace as the page had them."""
    return {place: (request.form.get(f"r{place}", "0"), request.form.get(f"w{place}", "")) for place in outcome.typed}


def _until(sheet: Sheet) -> str | None:
    """When it ends, for who has no script."""
    if sheet.deadline is None:
        return None
    if sheet.deadline - sheet.now > timedelta(hours=20):
        return None  # the quiz closes one day, which is no clock to watch
    return desk.clock(sheet.deadline)


def _item(sheet: Sheet, position: int) -> Item:
    for item in sheet.items:
        if item.position == position:
            return item
    abort(404)


def _place(words: str, sheet: Sheet) -> int:
    """A question's number: the one that is named, else the first that is open."""
    place = int(words) if words.isascii() and words.isdigit() and len(words) < 6 else 0
    if 1 <= place <= len(sheet.items):
        return place
    waiting = [item.position for item in sheet.items if item.answer is None and item.feedback is None]
    return waiting[0] if waiting else 1


def _picture(sitting: str) -> shown.Picture:
    return lambda position: address(sitting, "quizzes.picture", position=position)


def _view() -> str:
    return _preference("view")


def _preference(name: str) -> str:
    """What this browser was told last: how many questions a page, whether the clock shows."""
    allowed: Sequence[str] = PREFERENCES[name]
    for word in (request.args.get(name), request.cookies.get(f"quiz_{name}")):
        if word in allowed:
            return str(word)
    return allowed[0]


def _keep_preferences() -> None:
    for name, allowed in PREFERENCES.items():
        word = request.args.get(name)
        if word in allowed and request.cookies.get(f"quiz_{name}") != word:
            after_this_request(_cookie(f"quiz_{name}", word))


def _cookie(name: str, word: str) -> Callable[[Response], Response]:
    def keep_it(answer: Response) -> Response:
        answer.set_cookie(name, word, max_age=YEAR_S, samesite="Lax", httponly=True, secure=request.is_secure)
        return answer

    return keep_it
