"""Quizzes of the API: a whole sitting by a program, and attacks: no answer holds what may not be seen yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from web.api import program
from web.conftest import Web
from web.quizlab import EXPLANATION, KEY, PLAIN, Lab, opened, right
from web.test_quiz_secrets import leaks

from grader.course.tokens import Scope
from grader.store.models import Role
from grader.store.quizzes import QuizItem
from webapp import access

QUIZZES = "/courses/dl/quizzes"
WHO = ("outsider", "sora", "juno", "mina", "helper", "teacher")
RANKS = {"sora": 0, "juno": 0, "mina": 0, "helper": 1, "teacher": 2}


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch)
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    return found


def place(address: str) -> str:
    """An attempt's address here."""
    return f"/courses/dl/sittings/{address.rsplit('/', 1)[1]}"


def routes(lab: Lab, address: str) -> Iterator[tuple[str, str, str]]:
    words: dict[str, Any] = {"course": "dl", "quiz": KEY, "sitting": address.rsplit("/", 1)[1], "position": 1}
    with lab.web.app.test_request_context():
        for rule in lab.web.app.url_map.iter_rules():
            if rule.endpoint.startswith("api.") and ("quiz" in rule.rule or "sitting" in rule.arguments):
                found = lab.web.app.url_for(rule.endpoint, **{name: words[name] for name in rule.arguments})
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    yield rule.endpoint, method, found.removeprefix("/api/v1")


def rows(lab: Lab, address: str) -> dict[int, QuizItem]:
    with lab.web.database.read() as session:
        found = session.scalars(select(QuizItem).filter_by(attempt_id=lab.attempt(address).id))
        return {row.position: row for row in found}


def test_a_whole_sitting(lab: Lab) -> None:
    asks = program(lab.web, "mina")
    listed = {one["key"]: one for one in asks.get(QUIZZES).json["quizzes"]}
    assert (listed[KEY]["graded"], listed[KEY]["may_start"], listed[KEY]["attempts_left"]) == (True, ["graded"], 2)
    assert (listed[PLAIN]["grade"], listed[PLAIN]["may_start"]) == (None, ["practice"])
    wish = {"mode": "graded", "token": "once"}
    begun = asks.post(f"{QUIZZES}/{KEY}/sittings", json=wish)
    assert begun.status_code == 201
    assert asks.post(f"{QUIZZES}/{KEY}/sittings", json=wish).json["sitting"] == begun.json["sitting"]
    where = f"/courses/dl/sittings/{begun.json['sitting']}"
    assert asks.get(f"{where}/review").status_code == 409  # it runs
    for position, row in rows(lab, where).items():
        if row.kind == "cell":
            continue
        given = {"answer": right(row), "revision": 0}
        saved = asks.post(f"{where}/answers/{position}", json=given)
        assert (saved.status_code, saved.json["revision"], saved.json["said"]) == (200, 1, None), saved.json
        assert asks.post(f"{where}/answers/{position}", json=given).json["revision"] == 1
    stale = asks.post(f"{where}/answers/1", json={"answer": "zz", "revision": 0})
    assert (stale.status_code, stale.json["revision"]) == (409, 1)
    sheet = asks.get(where).json
    assert sheet["score"] is None
    assert sum(one["answer"] is not None for one in sheet["items"]) == len(sheet["items"]) - 1
    done = asks.post(f"{where}/submit").json
    assert (done["score"], done["max_score"], done["may_review"]) == (9, 10, False)
    assert asks.post(f"{where}/submit").json["submitted_at"] == done["submitted_at"]
    assert asks.post(f"{where}/answers/1", json={"answer": None, "revision": 1}).status_code == 409
    assert asks.get(f"{QUIZZES}/{KEY}").json["grade"]["score"] == 9
    teacher = program(lab.web, "teacher")
    grades = {one["email"]: one for one in teacher.get(f"{QUIZZES}/{KEY}/grades").json["grades"]}
    assert (grades["mina@example.com"]["score"], grades["juno@example.com"]["score"]) == (9, None)
    results = teacher.get(f"{QUIZZES}/{KEY}/results").json["results"]
    assert {one["question"]: one["share"] for one in results}["demo-choice"] == 1
    book = teacher.get("/courses/dl/gradebook").json
    assert [one["key"] for one in book["quizzes"]] == [KEY]
    assert [one["quizzes"][KEY]["score"] for one in book["people"] if one["email"].startswith("mina")] == [9]


@pytest.mark.parametrize("who", WHO)
def test_every_address_as_everybody(lab: Lab, who: str) -> None:
    """Allowed by the role that the view names; a student finds only the own attempts; never a fault of ours."""
    address = lab.begun("mina")
    asks = program(lab.web, who)
    for endpoint, method, path in routes(lab, address):
        answer = asks.ask(method, path, json={})
        label = f"{who} {method} {path}: {answer.status_code}"
        assert answer.status_code < 500, label
        whom = getattr(lab.web.app.view_functions[endpoint], access.MARK)
        allowed = who in RANKS and isinstance(whom, Role) and RANKS[who] >= access.RANK[whom]
        staff_looks = endpoint == "api.sitting_review" and RANKS.get(who, 0) > 0
        if "/sittings/" in path and who != "mina" and not staff_looks:
            allowed = False
        if not allowed:
            assert answer.status_code in (404, 422), label  # a body that is none may be told of first
            assert method == "POST" or answer.status_code == 404, label


def test_nothing_that_decides_is_told_before_its_time(lab: Lab) -> None:
    address = lab.begun("mina")
    asks = program(lab.web, "mina")
    lab.answered(address, wrong=("number", "output", "formula"), submit=False)  # what is right would be said back
    said = [json.dumps(asks.get(path).json, ensure_ascii=False) for _, m, path in routes(lab, address) if m == "GET"]
    said.append(asks.post(f"{place(address)}/answers/1", json={"answer": "zz", "revision": 9}).text)
    said.append(asks.post(f"{place(address)}/submit").text)
    said.append(asks.get(f"{place(address)}/review").text)
    for words in said:
        assert not leaks(lab, address, words), words


def test_a_token_that_is_not_for_staff_sees_as_a_student(lab: Lab) -> None:
    address = lab.begun("mina")
    reads = program(lab.web, "teacher", Scope.READ)
    assert reads.get(f"{place(address)}/review").status_code in (403, 404)
    assert reads.get(f"{QUIZZES}/{KEY}/grades").status_code == 403
    reviewed = program(lab.web, "teacher").get(f"{place(address)}/review")
    assert EXPLANATION in reviewed.text  # with the scope every key shows
    submit = program(lab.web, "mina", Scope.READ).post(f"{place(address)}/submit")
    assert (submit.status_code, submit.json["scope"]) == (403, "submit")


@pytest.mark.parametrize(
    "body",
    [
        {"answer": 3, "revision": 0},
        {"answer": [["a"]], "revision": 0},
        {"answer": "x" * 300_000, "revision": 0},
        {"answer": "a"},
        {"answer": "a", "revision": -1},
        {"answer": "a", "revision": 0, "share": 1},
    ],
)
def test_what_no_program_should_send(lab: Lab, body: dict[str, Any]) -> None:
    asks = program(lab.web, "mina")
    assert asks.post(f"{place(lab.begun('mina'))}/answers/1", json=body).status_code in (413, 422)


def test_the_rules_refuse(lab: Lab) -> None:
    asks = program(lab.web, "juno")
    practice = asks.post(f"{QUIZZES}/{KEY}/sittings", json={"mode": "practice", "token": "t"})
    assert (practice.status_code, practice.json["type"].endswith("#refused")) == (409, True)
    assert asks.post(f"{QUIZZES}/none/sittings", json={"mode": "graded", "token": "t"}).status_code == 404
    assert asks.get(f"{QUIZZES}/none").status_code == 404
