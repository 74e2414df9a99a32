"""Who may see what: every route as everybody, and nothing that is somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask
from web.conftest import LATER, OTHERS, SECRET, Web, bodies, person_of

from grader.course import decisions
from grader.store.models import Role, Submission
from webapp import access

WHO = ("nobody", "outsider", "sora", "mina", "juno", "helper", "teacher")
SKIPPED = ("static", "signin.sign_out", "signin.change", "signin.elsewhere", "live.events")  # the last ends by itself
WORDS = {
    "course": "dl",
    "assignment": "doubling",
    "token": "made-up",
    "filename": "style.css",
    "id": 1,
    "format": "csv",
}


def routes(web: Web, receipt: str) -> Iterator[tuple[str, str, Any, Any]]:
    """Endpoint, method, address and the rule's arguments, of all rules."""
    with web.app.test_request_context():
        for rule in web.app.url_map.iter_rules():
            if rule.rule.startswith(access.TOKENS):
                continue  # programs ask there, see test_api
            words = {name: WORDS.get(name, "1") for name in rule.arguments} | {"receipt": receipt}
            address = web.app.url_for(rule.endpoint, **{name: words[name] for name in rule.arguments})
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule.endpoint, method, address, rule.arguments


def least(web: Web, endpoint: str) -> Any:
    return "everybody" if endpoint == "static" else getattr(web.app.view_functions[endpoint], access.MARK)


@pytest.mark.parametrize("who", WHO)
def test_every_route_as_everybody(web: Web, who: str) -> None:
    """Allowed or not by the role that the view names; never a fault of ours, never a word of a secret."""
    browser = web.client_as(None if who == "nobody" else who)
    key = browser.form_key()
    ranks = {"sora": 0, "mina": 0, "juno": 0, "helper": 1, "teacher": 2}
    for endpoint, method, address, arguments in routes(web, web.receipts["mina"][1]):
        if endpoint in SKIPPED:
            continue
        answer = browser.open(address, method=method, data={"csrf_token": key} if method == "POST" else None)
        whom = least(web, endpoint)
        label = f"{who} {method} {address}: {answer.status_code}"
        answer.close()
        assert answer.status_code < 500, label
        if whom == access.EVERYBODY:
            continue
        if who == "nobody":
            assert answer.status_code == 303, label
            assert answer.location.startswith("/sign-in"), label
        elif isinstance(whom, Role):
            allowed = who in ranks and ranks[who] >= access.RANK[whom]
            if "receipt" in arguments and who in ("sora", "juno"):
                allowed = False
            if not allowed:
                assert answer.status_code == 404, label
            elif method == "GET" and endpoint.partition(".")[0] in ("home", "submit", "live", "report", "history"):
                assert answer.status_code == 200, label


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_student_ever_reads_a_secret(web: Web, lang: str) -> None:
    """Planted words of secret checks, of what waits for the due date, and of other students, in all bodies and
    headers."""
    with web.database.write() as session:
        other = session.query(Submission).filter_by(receipt=web.receipts["juno"][0]).one()
        decisions.comment(session, other, "JUNO-COMMENT", actor=person_of(session, "teacher"))
    browser, seen = web.client_as("mina"), 0
    for receipt in (*web.receipts["mina"], *web.receipts["juno"]):
        for endpoint, method, address, _ in routes(web, receipt):
            if method == "POST" or endpoint == "static":
                continue
            answer = browser.get(address, query_string={"lang": lang})
            words = "\n".join(bodies(answer)) + str(answer.headers)
            assert not [word for word in (*SECRET, *LATER, *OTHERS) if word in words], address
            seen += answer.status_code == 200
    assert seen > 15


def test_staff_see_all_of_their_course_and_nothing_of_another(web: Web) -> None:
    assert web.client_as("helper").get(f"/submissions/{web.receipts['juno'][0]}").status_code == 200
    assert web.client_as("teacher").get("/courses/other").status_code == 404
    assert web.client_as("teacher").get("/courses/none-such").status_code == 404


def test_an_application_with_an_unguarded_view_does_not_start(web: Web) -> None:
    app = Flask("bare")
    access.begin(app)
    part = Blueprint("part", __name__)
    part.get("/bare")(lambda: "bare")
    app.register_blueprint(part)
    with pytest.raises(RuntimeError, match="does not say for whom"):
        access.must_be_guarded(app)


def test_a_view_for_a_role_needs_to_be_about_a_course() -> None:
    app = Flask("bare")
    app.add_url_rule("/bare", "bare", access.allow(Role.STUDENT)(lambda: "bare"))
    with pytest.raises(RuntimeError, match="takes neither"):
        access.must_be_guarded(app)
