"""The tokens of a person: make one for a program, see what there is, end one."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from grader.course import tokens
from grader.course.tokens import DAYS, USUAL_DAYS, Scope
from grader.errors import BadInput
from grader.store.database import now
from grader.store.models import Person
from grader.text import Text
from webapp import hosts
from webapp.access import person, signed_in
from webapp.language import say
from webapp.limits import limiter
from webapp.signin import own_zone
from webapp.site import reading, writing

blueprint = Blueprint("tokens", __name__)
MEANS = {
    Scope.READ: Text(
        "읽기: 과제, 내 제출과 결과, 내 성적을 봅니다.", "Read: see assignments, my submissions, reports and grades."
    ),
    Scope.SUBMIT: Text(
        "제출: 노트북을 제출하고 재검토를 요청합니다.", "Submit: hand notebooks in, and ask for another look."
    ),
    Scope.STAFF: Text(
        "조교·강사: 전체 제출, 결과, 성적부, 구성원을 보고 요청에 답합니다.",
        "Staff: see everybody's submissions, reports, the gradebook and people, and answer requests.",
    ),
}
USUAL = (Scope.READ, Scope.SUBMIT)


@blueprint.get("/account/tokens")
@signed_in
def mine() -> str:
    """What there is, and the form for another one."""
    return _page()


@blueprint.post("/account/tokens")
@signed_in
@limiter.limit("20/hour")
def make() -> str | tuple[str, int]:
    """A new token; it is shown on this answer and never again."""
    form = request.form
    try:
        scopes = [Scope(word) for word in form.getlist("scope") if word in set(Scope)]
        words = form.get("days", "")
        days = int(words) if words.isdecimal() and len(words) < 5 else USUAL_DAYS
        with writing() as session:
            who = session.get_one(Person, person().id)
            token = tokens.make(session, who, form.get("name", ""), scopes, days, actor=who)
    except BadInput as error:
        return _page(wrong=error.text), 400
    return _page(token=token)


@blueprint.post("/account/tokens/<int(max=2147483647):id>/revoke")
@signed_in
def revoke(id: int) -> Response:
    """Ends one."""
    with writing() as session:
        who = session.get_one(Person, person().id)
        if not tokens.revoke(session, who, id, actor=who):
            abort(404)
    flash(say("토큰을 폐기했습니다.", "The token is revoked."))
    return redirect(url_for("tokens.mine"), 303)


def _page(**more: object) -> str:
    session = reading()
    offered = [one for one in Scope if one is not Scope.STAFF or tokens.is_staff(session, person())]
    return render_template(
        "tokens/mine.html",
        **more,
        found=tokens.live(session, person()),
        offered=offered,
        means=MEANS,
        chosen=request.form.getlist("scope") if "wrong" in more else USUAL,
        days=DAYS,
        usual=USUAL_DAYS,
        longest=tokens.LONGEST_NAME,
        zone=own_zone(),
        now=now(session),
        server=hosts.root(),
    )
