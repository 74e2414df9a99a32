"""What machines read, and what the server says of itself."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from webapp import logs
from webapp.health import TOKEN

from .conftest import Web

NAMES = ("mina", "juno", "김미나", "이준호", "@example.com", "second.ipynb")


def counts(web: Web) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    words = web.client_as(None).get("/metrics").text
    families = text_string_to_metric_families(words)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def test_it_is_up_and_ready(web: Web) -> None:
    browser = web.client_as(None)
    assert browser.get("/healthz").json == {"up": True}
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"ready": True})


def test_it_is_not_ready_where_the_tables_are_another_programs(web: Web) -> None:
    with web.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert web.client_as(None).get("/readyz").status_code == 503
    assert web.client_as(None).get("/healthz").status_code == 200


def test_a_store_that_is_gone_is_told_and_nothing_breaks(web: Web) -> None:
    with web.database.write() as session:
        session.execute(text("DROP TABLE run_progress"))
        session.execute(text("ALTER TABLE worker RENAME TO worker_gone"))
    assert counts(web)["grader_store_up", ()] == 0


def test_requests_and_the_queue_are_counted(web: Web) -> None:
    before = counts(web)
    student = web.client_as("student")
    student.get("/courses/dl")
    student.get("/nowhere")
    after = counts(web)
    home = ("grader_requests_total", (("code", "200"), ("method", "GET"), ("view", "home.course")))
    nowhere = ("grader_requests_total", (("code", "404"), ("method", "GET"), ("view", "none")))
    assert after[home] - before.get(home, 0) == 1
    assert after[nowhere] - before.get(nowhere, 0) == 1
    assert after["grader_request_seconds_count", (("view", "home.course"),)] >= 1
    assert after["grader_runs", (("queue", "cpu"), ("state", "queued"))] == 1
    assert after["grader_oldest_wait_seconds", (("queue", "cpu"),)] > 0
    assert after["grader_submissions", ()] == 4
    assert after["grader_workers", ()] == 0


def test_counts_name_nobody(web: Web) -> None:
    student = web.client_as("student")
    receipt = web.receipts["mina"][0]
    student.get(f"/submissions/{receipt}")
    words = web.client_as(None).get("/metrics").text
    for name in (*NAMES, receipt):
        assert name not in words


def test_counts_are_for_this_machine_or_for_who_holds_the_word(web: Web) -> None:
    browser, far = web.client_as(None), {"REMOTE_ADDR": "192.0.2.7"}
    assert browser.get("/metrics", environ_base=far).status_code == 404
    (web.home.folder / TOKEN).write_text("a long word\n")
    assert browser.get("/metrics", environ_base=far).status_code == 404
    wrong, right = ({"Authorization": f"Bearer {word}"} for word in ("another", "a long word"))
    assert browser.get("/metrics", environ_base=far, headers=wrong).status_code == 404
    assert browser.get("/metrics", environ_base=far, headers=right).status_code == 200


def test_an_empty_word_lets_nobody_in(web: Web) -> None:
    (web.home.folder / TOKEN).write_text("\n")
    answer = web.client_as(None).get(
        "/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}, headers={"Authorization": "Bearer "}
    )
    assert answer.status_code == 404


# ----------------------------------------------------------------------------------------------- what is said


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.say_to(stream, requests=True)
    yield stream
    for name in ("grader.web", "webapp"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True


def lines(said: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_a_request_is_one_line_without_a_name(web: Web, said: io.StringIO) -> None:
    receipt = web.receipts["mina"][0]
    answer = web.client_as("student").get(f"/submissions/{receipt}?lang=en&note=김미나")
    (line,) = (one for one in lines(said) if one["view"] == "report.show")
    assert (line["method"], line["code"]) == ("GET", answer.status_code)
    assert line["request"] == answer.headers["X-Request-ID"]
    assert isinstance(line["ms"], float)
    for name in (*NAMES, receipt):
        assert name not in json.dumps(line, ensure_ascii=False)


def test_looks_of_machines_are_not_news(web: Web, said: io.StringIO) -> None:
    browser = web.client_as(None)
    for address in ("/healthz", "/readyz", "/metrics"):
        browser.get(address)
    assert lines(said) == []


def test_what_breaks_is_told_by_number_and_kind_and_quotes_nobody(
    web: Web, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> str:
        raise RuntimeError("김미나 mina@example.com")

    app: Flask = web.app
    monkeypatch.setitem(app.view_functions, "health.up", _for_everybody(breaks))
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = web.client_as(None).get("/healthz")
    assert answer.status_code == 500
    (line,) = (one for one in lines(said) if one["event"] == "a page failed")
    assert line["kind"] == "RuntimeError"
    assert "test_health.py" in str(line["where"])
    number = re.search(r"<code>([0-9a-f]{12})</code>", answer.text)
    assert number is not None
    assert line["request"] == number[1] == answer.headers["X-Request-ID"]
    for name in NAMES:
        assert name not in json.dumps(line, ensure_ascii=False)


def _for_everybody(view: object) -> object:
    from webapp.access import everybody

    return everybody(view)  # type: ignore[type-var]
