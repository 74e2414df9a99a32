"""Settings: what moves a grade is shown before it is saved, and nothing is saved that was not seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from web.conftest import DAY, Browser, Web

from grader.course import people
from grader.store import audit
from grader.store.models import Assignment, Audit, Course

COURSE = "/courses/dl/settings"
HERE = "/courses/dl/assignments/doubling/settings"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form with the rules."""
    form = page.split('id="rules"', 1)[1].split("</form>", 1)[0]
    found = dict(re.findall(r'<input[^>]* name="(?!csrf)([a-z_]+)"[^>]* value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]* name="([a-z_]+)">(.*?)</select>', form, re.DOTALL):
        found[name] = next(iter(re.findall(r'value="([^"]*)" selected', options)), "")
    return found


def change(browser: Browser, address: str, **fields: str) -> Any:
    """Types into the form and asks what would change."""
    return browser.send(f"{address}?lang=en", **(form_of(browser.get(address).text) | fields))


def save(browser: Browser, address: str, **fields: str) -> Any:
    """And then saves it."""
    return browser.send(address, save="1", **form_of(change(browser, address, **fields).text))


def rows(web: Web) -> tuple[Course, Assignment]:
    with web.database.read() as session:
        course = people.the_course(session, "dl")
        return course, people.assignment(session, course, "doubling")


def actions(web: Web) -> list[str]:
    with web.database.read() as session:
        assert audit.broken(session) is None
        return list(session.scalars(select(Audit.action)))


def test_who_changes_from_what_to_what_is_shown_before_anything_is_saved(web: Web) -> None:
    """mina handed in on time; with an earlier due date she is late, and the penalty is real."""
    teacher, before = web.client_as("teacher"), rows(web)[1]
    due = (web.now - 4 * DAY).strftime("%Y-%m-%dT%H:%M")
    shown = change(teacher, HERE, due=due, late="percent", percent_a_day="10", grace_days="0")
    assert shown.status_code == 200
    assert "1 grade changes." in shown.text
    row = shown.text.split('id="preview"', 1)[1].split("</section>", 1)[0]
    assert "김미나" in row
    assert "80 / 100" in row
    assert "late" in row
    assert rows(web)[1].due == before.due
    assert "schedule.assignment" not in actions(web)[-1:]
    assert teacher.send(HERE, save="1", **form_of(shown.text)).status_code == 303
    assert rows(web)[1].due != before.due
    assert rows(web)[1].policy["percent_a_day"] == 10
    assert actions(web)[-1] == "schedule.assignment"


def test_other_weights_show_whose_total_changes(web: Web) -> None:
    shown = change(web.client_as("teacher"), HERE, weight="0").text
    preview = shown.split('id="preview"', 1)[1].split("</section>", 1)[0]
    assert "totals change" in preview
    assert re.search(r'김미나</th><td class="number">80%</td><td class="number">–</td>', preview)


def test_nothing_is_saved_that_was_not_seen(web: Web) -> None:
    teacher = web.client_as("teacher")
    assert teacher.send(HERE, save="1", **form_of(teacher.get(HERE).text)).status_code == 200  # no preview yet
    shown = form_of(change(teacher, HERE, late="percent", percent_a_day="50").text)
    assert teacher.send(HERE, save="1", **(shown | {"percent_a_day": "90"})).status_code == 200  # changed after it
    assert teacher.send(HERE, save="1", **(shown | {"seen": "0" * 64})).status_code == 200
    assert rows(web)[1].policy == {"attempts": 5}


def test_a_grade_that_moved_meanwhile_is_shown_again(web: Web) -> None:
    teacher = web.client_as("teacher")
    due = (web.now - 4 * DAY).strftime("%Y-%m-%dT%H:%M")
    shown = form_of(change(teacher, HERE, due=due, late="percent").text)
    receipt = web.receipts["mina"][1]
    sent = teacher.send(f"/submissions/{receipt}/staff/overrides", check="double.values", points="10", reason="x")
    assert sent.status_code == 303
    again = teacher.send(f"{HERE}?lang=en", save="1", **shown)
    assert again.status_code == 200
    assert "Not saved yet" in again.text


def test_what_is_not_touched_stays_to_the_second(web: Web) -> None:
    with web.database.write() as session:
        row = people.assignment(session, people.the_course(session, "dl"), "doubling")
        row.due = row.due.replace(second=59, microsecond=999_000)
        row.closes = None
    before = rows(web)[1]
    assert save(web.client_as("teacher"), HERE, weight="2,5").status_code == 303
    after = rows(web)[1]
    assert (after.opens, after.due, after.closes, after.policy) == (
        before.opens,
        before.due,
        before.closes,
        before.policy,
    )
    assert after.weight == 2.5


def test_an_empty_field_is_the_rule_of_the_course_and_nought_is_no_limit(web: Web) -> None:
    teacher = web.client_as("teacher")
    assert save(teacher, HERE, attempts="", attempts_a_day="0", late="none").status_code == 303
    assert rows(web)[1].policy == {"attempts_a_day": None, "late": "none"}
    assert form_of(teacher.get(HERE).text)["attempts_a_day"] == "0"


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent_a_day": "101"},
        {"percent_a_day": "ten"},
        {"attempts": "-1"},
        {"attempts": "1.5"},
        {"late": "sometimes"},
        {"weight": "nan"},
        {"weight": "-1"},
        {"position": "first"},
        {"due": "tomorrow"},
        {"due": "2001-01-01T00:00"},
        {"due": "0001-01-01T00:00"},
        {"closes": "9999-12-31T23:59"},
    ],
)
def test_a_mistake_is_said_and_what_was_typed_is_kept(web: Web, wrong: dict[str, str]) -> None:
    if "closes" in wrong:
        wrong |= {"due": "tomorrow"}
    answer = change(web.client_as("teacher"), HERE, **wrong, grace_days="3.25")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert form_of(answer.text)["grace_days"] == "3.25"
    assert rows(web)[1].policy == {"attempts": 5}


def test_the_course_gets_a_title_a_zone_and_rules(web: Web) -> None:
    teacher = web.client_as("teacher")
    saved = save(teacher, COURSE, title_ko="새  제목", title_en="New", timezone="Europe/Berlin", percent_a_day="5")
    assert saved.status_code == 303
    course, _ = rows(web)
    assert (course.title, course.timezone) == ({"ko": "새 제목", "en": "New"}, "Europe/Berlin")
    assert course.policy == {"percent_a_day": 5}
    assert actions(web)[-1] == "change.course"
    for wrong in ({"timezone": "Mars/Base"}, {"title_en": " "}, {"title_ko": "x" * 300}, {"timezone": "../etc/passwd"}):
        assert change(teacher, COURSE, **wrong).status_code == 400


def test_thresholds_of_the_watchlist_are_saved_at_once(web: Web) -> None:
    teacher = web.client_as("teacher")
    page = teacher.get(COURSE).text
    given = dict(re.findall(r'id="w-[a-z_]+" name="([a-z_]+)".*?value="(\d+)"', page))
    assert len(given) == 7
    assert teacher.send(f"{COURSE}/watchlist", **(given | {"due_days": "5"})).status_code == 303
    assert 'name="due_days" type="text" inputmode="numeric" autocomplete="off" required maxlength="6" value="5"' in (
        teacher.get(COURSE).text
    )
    refused = teacher.send(f"{COURSE}/watchlist", **(given | {"late": "many"}))
    assert refused.status_code == 400
    assert 'value="many"' in refused.text


def test_only_instructors_set_anything(web: Web) -> None:
    for name in ("helper", "mina"):
        browser = web.client_as(name)
        for address in (COURSE, HERE):
            assert browser.get(address).status_code == 404
            assert browser.send(address).status_code == 404
        assert browser.send(f"{COURSE}/watchlist").status_code == 404
        assert "settings" not in browser.get("/courses/dl").text


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_number_changes_by_scrolling_over_it(web: Web, lang: str) -> None:
    """A field of the type number takes the wheel; here, on every page with points or numbers, none has it."""
    receipt, person = web.receipts["mina"][1], web.person("mina").id
    for address in (
        *(COURSE, HERE, f"/submissions/{receipt}/staff", f"/courses/dl/people/{person}", "/courses/dl/extensions"),
        *("/courses/dl/watchlist", "/courses/dl/gradebook"),
    ):
        page = web.client_as("teacher").get(f"{address}?lang={lang}")
        assert page.status_code == 200, address
        assert not re.search(r'type="(number|range)"', page.text), address
        assert not re.search(r"<script(?! src)| style=|<style| on[a-z]+=", page.text), address
