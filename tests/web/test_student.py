"""A student's way: home, hand in, watch, read the report, try again, ask."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import func, select, update
from web.conftest import DAY, LATER, TEST, TOML, Browser, Web, finish, graded, notebook, person_of

from grader.assignment import Catalog
from grader.course import decisions, people, publishing
from grader.store import blobs
from grader.store.models import Assignment, Blob, RegradeRequest, Run, RunProgress, State, Submission
from webapp.site import STREAMS
from webapp.submit import GOOD_FOR_S

HERE = "/courses/dl/assignments/doubling"


def upload(browser: Browser, data: bytes, name: str = "my.ipynb") -> Any:
    return browser.send(f"{HERE}/submit", notebook=(io.BytesIO(data), name))


def word(page: str) -> str:
    found = re.search(r'name="upload" value="([^"]+)"', page)
    assert found, page
    return found[1]


def hand_in(browser: Browser, data: bytes) -> str:
    """The receipt."""
    done = browser.send(f"{HERE}/confirm", upload=word(upload(browser, data).text))
    assert done.status_code == 303
    return str(done.location.split("/")[2])


def count(web: Web, table: Any = Submission) -> int:
    with web.database.read() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def set_times(web: Web, **times: Any) -> None:
    with web.database.write() as session:
        session.execute(update(Assignment).values(**times))


def run_of(web: Web, receipt: str) -> Run:
    with web.database.read() as session:
        return session.scalars(select(Run).join(Submission).where(Submission.receipt == receipt)).one()


# ---------------------------------------------------------------------------------------------------- home


def test_home_says_what_is_due_and_what_to_try_next(web: Web) -> None:
    page = web.client_as("mina").get("/courses/dl?lang=en").text
    assert "Doubling" in page
    assert "KST" in page
    assert '<strong class="big">80</strong> / 100' in page
    assert "Try next: At zero" in page
    assert "100%" in page
    assert "Attempts left" in page
    assert "first time" in web.client_as("sora").get("/courses/dl?lang=en").text
    assert "Watch it" in web.client_as("juno").get("/courses/dl?lang=en").text


def test_a_person_in_one_course_is_there_at_once(web: Web) -> None:
    assert web.client_as("mina").get("/").location == "/courses/dl"


# -------------------------------------------------------------------------------------------------- submit


def test_nothing_is_submitted_before_it_is_confirmed(web: Web) -> None:
    browser, before = web.client_as("sora"), count(web)
    page = upload(browser, notebook("mine")).text
    assert "SHA-256" in page
    assert count(web) == before
    receipt = browser.send(f"{HERE}/confirm", upload=word(page)).location
    assert count(web) == before + 1
    shown = browser.get(receipt).text
    assert receipt.split("/")[2] in shown


def test_the_page_says_what_it_costs(web: Web) -> None:
    set_times(web, due=web.now - 1.5 * DAY, policy={"attempts": 5, "attempts_a_day": 2, "percent_a_day": 20.0})
    page = web.client_as("mina").get(f"{HERE}/submit?lang=en").text
    assert "You have 3 left; once this one is graded, 2." in page
    assert "2 left today" in page
    assert "2 days late: you keep 60% of the points." in page


def test_a_form_sent_twice_is_one_submission(web: Web) -> None:
    browser = web.client_as("sora")
    upload_word = word(upload(browser, notebook("mine")).text)
    first, second = (browser.send(f"{HERE}/confirm", upload=upload_word).location for _ in range(2))
    assert first == second


def test_the_same_file_again_spends_nothing_and_says_so(web: Web) -> None:
    browser, before = web.client_as("mina"), count(web)
    page = upload(browser, notebook("second")).text
    assert "똑같은" in page or "exactly what you submitted last" in page
    answer = browser.send(f"{HERE}/confirm?lang=en", upload=word(page))
    assert answer.location == f"/submissions/{web.receipts['mina'][1]}/live"
    assert "No attempt was spent" in browser.get(answer.location).text
    assert count(web) == before


def test_the_file_of_an_earlier_attempt_is_known_before_an_attempt_is_spent(web: Web) -> None:
    browser = web.client_as("mina")
    latest, old = notebook("second"), notebook("first")
    assert "of attempt" not in upload(browser, latest).text
    for lang, says in (("ko", "이 파일은 1번째 제출"), ("en", "This is the file of attempt 1")):
        browser.get(f"{HERE}/submit?lang={lang}")
        page = upload(browser, old).text
        assert says in page
        assert f'href="/submissions/{web.receipts["mina"][0]}"' in page
    set_times(web, policy={"attempts": 5, "counts": "last"})
    assert "the last submission makes the grade" in upload(browser, old).text
    before = count(web)
    browser.send(f"{HERE}/confirm", upload=word(page))
    assert count(web) == before + 1  # they decide
    assert "of attempt" not in upload(web.client_as("sora"), old).text  # nobody else's is told


def test_nobody_hands_in_what_they_did_not_upload(web: Web) -> None:
    theirs = word(upload(web.client_as("sora"), notebook("sora's")).text)
    before = count(web)
    for value in (theirs, "made-up", ""):
        assert web.client_as("mina").send(f"{HERE}/confirm", upload=value).status_code == 400
    assert count(web) == before


def test_a_file_swept_away_is_asked_for_again(web: Web) -> None:
    browser = web.client_as("sora")
    page = upload(browser, notebook("mine")).text
    with web.database.write() as session:
        session.delete(session.scalars(select(Blob).order_by(Blob.created_at.desc())).first())
    before = count(web)
    answer = browser.send(f"{HERE}/confirm?lang=en", upload=word(page))
    assert answer.status_code == 400
    assert "Please choose it again" in answer.text
    assert 'type="file"' in answer.text
    assert count(web) == before


def test_what_can_be_confirmed_is_not_swept_away_yet() -> None:
    assert timedelta(seconds=GOOD_FOR_S) < blobs.UNCLAIMED / 2


def says(name: str, source: str) -> bytes:
    """A notebook that was released for the assignment of that name."""
    made = new_notebook(cells=[new_code_cell(source, id="a")], metadata={"grader": {"assignment": name}})
    return nbformat.writes(made).encode()


def test_the_notebook_of_another_assignment_is_told_so_before_an_attempt_is_spent(web: Web) -> None:
    browser, before = web.client_as("sora"), (count(web), count(web, Blob))
    answer = upload(browser, says("tripling", "def triple(x): ..."))
    assert answer.status_code == 409
    assert "tripling" in answer.text.partition('role="alert"')[2]
    assert 'type="file"' in answer.text  # another one can be chosen at once
    assert (count(web), count(web, Blob)) == before
    page = upload(browser, says("tripling", "def double(x): ...")).text  # it may be the right one all the same
    assert "warn-box" in page
    assert "tripling" in page
    assert browser.send(f"{HERE}/confirm", upload=word(page)).status_code == 303


def test_the_notebook_of_another_assignment_of_the_course_is_led_there(web: Web, tmp_path: Path) -> None:
    for root, name in (("assignments", "assignment.toml"), ("assignments", "notebook.ipynb")):
        file = tmp_path / root / "tripling" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TOML.replace("doubling", "tripling").replace("double", "triple"), encoding="utf-8")
    hidden = tmp_path / "reference" / "tripling" / "hidden_tests" / "test_triple.py"
    hidden.parent.mkdir(parents=True)
    hidden.write_text(TEST.replace("double", "triple"), encoding="utf-8")
    catalog = Catalog(tmp_path / "assignments", tmp_path / "reference")
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        publishing.publish(session, course, catalog.load("tripling"), None, actor="test", forced="a test")
    answer = upload(web.client_as("sora"), says("tripling", "def triple(x): ..."))
    assert answer.status_code == 409
    assert '/courses/dl/assignments/tripling/submit"' in answer.text


def test_what_is_no_notebook_is_warned_about_and_taken(web: Web) -> None:
    browser = web.client_as("sora")
    page = upload(browser, b"%PDF-1.7", "homework.pdf").text
    assert "아닌 것 같습니다" in page or "does not look like" in page
    assert hand_in(browser, b"%PDF-1.7")


@pytest.mark.parametrize("data", [None, b""])
def test_no_file_or_an_empty_one_is_asked_for_again(web: Web, data: bytes | None) -> None:
    browser = web.client_as("sora")
    fields = {} if data is None else {"notebook": (io.BytesIO(data), "my.ipynb")}
    answer = browser.send(f"{HERE}/submit", **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_file_too_large_is_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.submit.MAX_BYTES", 10)
    assert upload(web.client_as("sora"), b"x" * 11).status_code == 413
    web.app.config["MAX_CONTENT_LENGTH"] = 1000
    assert upload(web.client_as("sora"), b"x" * 5000).status_code == 413


def test_when_it_is_closed_there_is_no_form(web: Web) -> None:
    browser = web.client_as("mina")
    page = upload(browser, notebook("late")).text
    set_times(web, due=web.now - 3 * DAY, closes=web.now - DAY)
    shown = browser.get(f"{HERE}/submit?lang=en").text
    assert "This assignment is closed" in shown
    assert 'type="file"' not in shown
    assert upload(browser, notebook("later")).status_code == 409
    assert browser.send(f"{HERE}/confirm", upload=word(page)).status_code == 409


def test_before_it_opens_nobody_gets_the_notebook(web: Web) -> None:
    browser = web.client_as("sora")
    assert json.loads(browser.get(f"{HERE}/notebook.ipynb").data)["cells"]
    set_times(web, opens=web.now + DAY)
    assert browser.get(f"{HERE}/notebook.ipynb").status_code == 404
    assert web.client_as("teacher").get(f"{HERE}/notebook.ipynb").status_code == 200


# ---------------------------------------------------------------------------------------------------- live


def events(text: str) -> list[tuple[str | None, str, Any]]:
    """Id, name and data of the events in a stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields.get("id"), fields["event"], json.loads(fields["data"])))
    return found


def progress(web: Web, receipt: str, cells: int, checks: dict[str, str]) -> None:
    with web.database.write() as session:
        run = session.scalars(select(Run).join(Submission).where(Submission.receipt == receipt)).one()
        run.state, run.started_at = State.RUNNING, web.now
        session.merge(RunProgress(run_id=run.id, fence=run.fence, cells_done=cells, cells=2, checks=checks, at=web.now))


def test_the_live_page_works_without_a_script(web: Web) -> None:
    page = web.client_as("juno").get(f"/submissions/{web.receipts['juno'][1]}/live?lang=en").text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Place in the queue: <strong>1</strong>" in page
    assert "No worker is grading" in page
    assert web.receipts["juno"][1] in page


def test_cells_and_checks_come_as_they_are(web: Web) -> None:
    receipt = web.receipts["juno"][1]
    progress(web, receipt, 1, {"double.values": "passed", "secret_group.trap": "failed"})
    news = web.client_as("juno").get(f"/submissions/{receipt}/state?lang=en").json
    assert news["over"] is False
    assert 'value="1" max="2"' in news["html"]
    assert "Values of double" in news["html"]
    assert "SECRET" not in news["html"]
    assert "secret_group" not in news["html"]


def test_a_stream_ends_with_the_run_and_repeats_nothing(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.live.TICK_S", 0.01)
    monkeypatch.setattr("webapp.live.STREAM_S", 0.05)
    receipt, browser = web.receipts["juno"][1], web.client_as("juno")
    address = f"/submissions/{receipt}/events?lang=en"
    first = events(browser.get(address).text)
    assert [name for _, name, _ in first] == ["news"]
    again = events(browser.get(address, headers={"Last-Event-ID": str(first[-1][0])}).text)
    assert again == []  # the stream was cut, and nothing new happened
    progress(web, receipt, 2, {})
    then = events(browser.get(address, headers={"Last-Event-ID": str(first[-1][0])}).text)
    assert [data["status"] for _, _, data in then] == ["Running your notebook"]
    with web.database.write() as session:
        finish(session, run_of(web, receipt), graded(60))
    last = events(browser.get(address, headers={"Last-Event-ID": str(then[-1][0])}).text)
    assert [name for _, name, _ in last] == ["news", "over"]
    assert last[0][2]["over"] is True


def test_streams_are_so_many_and_given_back(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.live.STREAM_S", 0.0)
    address, browser = f"/submissions/{web.receipts['juno'][1]}/events", web.client_as("juno")
    streams, held = web.app.extensions["grader"].streams, 0
    while streams.take(-held):
        held += 1
    assert held == STREAMS
    assert browser.get(address).status_code == 503
    for one in range(held):
        streams.give_back(-one)
    for _ in range(held + 3):
        answer = browser.get(address)
        assert answer.status_code == 200
        answer.close()


def test_one_student_holds_a_few_streams_and_leaves_room_for_the_others(web: Web) -> None:
    streams, juno = web.app.extensions["grader"].streams, web.person("juno").id
    while streams.take(juno):
        pass
    assert web.client_as("juno").get(f"/submissions/{web.receipts['juno'][1]}/events").status_code == 503
    assert streams.take(web.person("mina").id)


# -------------------------------------------------------------------------------------------------- report


def test_a_report_shows_points_hints_by_steps_beliefs_pictures_and_cells(web: Web) -> None:
    page = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}?lang=en").text
    for words in (
        *(
            "Values of double",
            "double(4) is 16, not 8.",
            "Add x twice.",
            "Show the first hint",
            "Takes a sum for a mean",
        ),
        *("Week 2: Gradients", "Takes arrays", "The shape of an array changes.", "At zero", "Try 0."),
        *("Accuracy", "0.81", "NameError, line 3", "not listed here", 'sandbox=""', "<svg"),
    ):
        assert words in page, words
    assert page.index("Show the first hint") < page.index("Add x twice.") < page.index("The next hint opens")
    assert "Then make it a product." not in page
    assert LATER[0] not in page


def test_after_the_due_date_what_waited_for_it_is_told(web: Web) -> None:
    set_times(web, due=web.now - DAY)
    page = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}").text
    assert LATER[0] in page
    assert "SECRET" not in page
    with web.database.write() as session:  # but not to who has more time
        decisions.grant_extension(
            *(session, session.scalars(select(Assignment)).one(), person_of(session, "mina")),
            due=web.now + DAY,
            reason="ill",
            actor="test",
        )
    assert LATER[0] not in web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}").text


def test_a_report_says_what_is_different_since_the_last_attempt(web: Web) -> None:
    page = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][1]}?lang=en").text
    assert "What is different" in page
    assert page.count(">better<") == 2
    assert "failed → passed" in page
    assert "What is different" not in web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}?lang=en").text


def test_a_report_without_a_grade_says_why(web: Web) -> None:
    page = web.client_as("juno").get(f"/submissions/{web.receipts['juno'][0]}?lang=en").text
    assert "no attempt is spent" in page
    assert "This is no notebook." in page


def test_a_run_on_its_way_or_set_aside_has_a_page(web: Web) -> None:
    browser, receipt = web.client_as("juno"), web.receipts["juno"][1]
    assert browser.get(f"/submissions/{receipt}").location == f"/submissions/{receipt}/live"
    with web.database.write() as session:
        session.get_one(Run, run_of(web, receipt).id).state = State.SET_ASIDE
    assert "staff will look at it" in browser.get(f"/submissions/{receipt}?lang=en").text


def test_what_people_decided_shows(web: Web) -> None:
    with web.database.write() as session:
        submission = session.scalars(select(Submission).filter_by(receipt=web.receipts["mina"][0])).one()
        teacher, mina = person_of(session, "teacher"), person_of(session, "mina")
        assignment = session.scalars(select(Assignment)).one()
        decisions.set_override(
            session, assignment, mina, 55.0, "it is right", submission=submission, check="double.values", actor=teacher
        )
        decisions.comment(session, submission, "Nice <idea>", cell=1, actor=teacher)
    page = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][0]}?lang=en").text
    assert "55 / 60" in page
    assert "decided by staff" in page
    assert "<strong>55</strong> / 100" in page
    assert "Nice &lt;idea&gt;" in page


def test_late_work_says_what_it_keeps(web: Web) -> None:
    set_times(web, due=web.now - 1.5 * DAY)
    page = web.client_as("mina").get(f"/submissions/{web.receipts['mina'][1]}?lang=en").text
    assert "1 day late: of these points you keep 90%" in page
    assert "<strong>72 / 100</strong>" in page


# ------------------------------------------------------------------------------------------------- history


def test_history_lists_all_attempts(web: Web) -> None:
    page = web.client_as("mina").get(f"{HERE}?lang=en").text
    assert page.index(web.receipts["mina"][1]) < page.index(web.receipts["mina"][0])
    assert page.count('<span class="badge good">counts</span>') == 1
    assert "Nothing submitted yet" in web.client_as("sora").get(f"{HERE}?lang=en").text


def test_asking_for_another_look_once(web: Web) -> None:
    browser, receipt = web.client_as("mina"), web.receipts["mina"][0]
    long = "why? " * 3000
    for words in ("  ", long):
        refused = browser.send(f"/submissions/{receipt}/request?lang=en", reason=words)
        assert refused.status_code == 400
        assert 'role="alert"' in refused.text
    assert long.strip() in refused.text  # what was typed is not lost
    assert count(web, RegradeRequest) == 0
    for code in (303, 400):
        assert browser.send(f"/submissions/{receipt}/request", reason="<b>why?</b>").status_code == code
    assert count(web, RegradeRequest) == 1
    page = browser.get(f"/submissions/{receipt}?lang=en").text
    assert "&lt;b&gt;why?&lt;/b&gt;" in page
    assert "<textarea" not in page
    with web.database.write() as session:
        request = session.scalars(select(RegradeRequest)).one()
        decisions.decline(session, request, "The hint says it.", actor=person_of(session, "teacher"))
    page = browser.get(f"/submissions/{receipt}?lang=en").text
    assert "The hint says it." in page
    assert web.client_as("helper").send(f"/submissions/{receipt}/request", reason="x").status_code == 404


def test_a_hostile_name_breaks_nothing(web: Web) -> None:
    name = 'x"><script>alert(1)</script>\r\nSet-Cookie: a=b.ipynb'
    browser = web.client_as("sora")
    page = upload(browser, notebook("mine"), name).text
    assert "<script>alert" not in page
    receipt = browser.send(f"{HERE}/confirm", upload=word(page)).location.split("/")[2]
    answer = browser.get(f"/submissions/{receipt}/file")
    assert answer.status_code == 200
    assert "Set-Cookie: a=b" not in str(answer.headers).split("Content-Disposition")[0]
    assert "<script>alert" not in browser.get(HERE).text


def test_extra_time_shows_on_home(web: Web) -> None:
    with web.database.write() as session:
        assignment = session.scalars(select(Assignment)).one()
        decisions.grant_extension(
            *(session, assignment, person_of(session, "sora")),
            due=web.now + timedelta(days=8),
            attempts=2,
            reason="ill",
            actor="test",
        )
    page = web.client_as("sora").get("/courses/dl?lang=en").text
    assert ">7<" in page.replace("\n", "").replace(" ", "") or "<dd>7" in page.replace("\n", "").replace("    ", "")
    assert "7 days" in page or "8 days" in page


def test_the_scores_of_two_attempts_are_a_curve_in_words_and_as_a_table(web: Web) -> None:
    page = web.client_as("mina").get("/courses/dl/assignments/doubling?lang=en").text
    assert "How the score went" in page
    assert '<figure role="group" aria-label="How the score went">' in page
    assert "<svg" in page
    assert '<th scope="row">1</th><td>20</td>' in page or '<th scope="row">1</th><td>0</td>' in page
    assert "<svg" not in web.client_as("sora").get("/courses/dl/assignments/doubling").text


def test_what_was_received_can_be_read_as_it_came(web: Web) -> None:
    mina, first = web.client_as("mina"), web.receipts["mina"][0]
    answer = mina.get(f"/submissions/{first}/received")
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "return 2 * x" in re.sub(r"<[^>]+>", "", answer.text)
    assert "MINA-OUTPUT" not in answer.text  # which came of running it
    assert f"/submissions/{first}/received" in mina.get(f"/submissions/{first}/live").text
    assert web.client_as("juno").get(f"/submissions/{first}/received").status_code == 404


def test_what_was_received_and_is_no_notebook_is_told(web: Web) -> None:
    answer = web.client_as("juno").get(f"/submissions/{web.receipts['juno'][0]}/received?lang=en")
    assert answer.status_code == 422
    assert "notebook" in answer.text
