"""Hints open step by step, and nothing of a later one leaves the server before."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from web.api import program
from web.conftest import DAY, Web, finish, graded, notebook, person_of, refused

from grader import client as package
from grader.commands import remote
from grader.course import submissions
from grader.store.models import Assignment, Source

FIRST, SECOND = "Add x twice.", "Then make it a product."


def hand_in(web: Web, name: str, words: str, values: float = 0, *, ago: timedelta = timedelta()) -> str:
    """The receipt of a graded attempt."""
    with web.database.write() as session:
        received = submissions.submit(
            *(session, session.scalars(select(Assignment)).one(), person_of(session, name), notebook(words)),
            *(f"{name}.ipynb", Source.WEB),
            at=web.now - ago,
            enqueue=lambda *_: None,
        )
        if not received.duplicate:
            finish(session, received.run, graded(values))
        return received.submission.receipt


def everything(web: Web, name: str, receipt: str) -> str:
    """All that the server tells this student about it."""
    browser, asks = web.client_as(name), program(web, name)
    pages = [f"/submissions/{receipt}{more}" for more in ("", "/live", "/state")] + ["/courses/dl"]
    return "\n".join(
        [browser.get(f"{page}?lang=en").text for page in pages]
        + [asks.get(f"/submissions/{receipt}{more}").text for more in ("", "/report")]
    )


def test_a_step_for_each_attempt_that_missed_the_check_on_the_page_and_for_programs(web: Web) -> None:
    first = hand_in(web, "sora", "one", ago=timedelta(hours=3))
    told = everything(web, "sora", first)
    assert FIRST in told
    assert SECOND not in told
    assert told.count("The next hint opens with your next graded attempt (1 of 2 open).") == 2  # the page, the API
    assert hand_in(web, "sora", "one", ago=timedelta(hours=2)) == first  # the same file
    assert SECOND not in everything(web, "sora", first)
    second = hand_in(web, "sora", "two", ago=timedelta(hours=1))
    assert SECOND in everything(web, "sora", second)
    assert SECOND in everything(web, "sora", first)  # a later look at an older one
    assert "next graded attempt" not in everything(web, "sora", first)


def test_an_old_file_between_two_others_opens_nothing(web: Web) -> None:
    for hours, words in ((4, "one"), (2, "one")):
        receipt = hand_in(web, "sora", words, ago=timedelta(hours=hours))
        hand_in(web, "sora", "right", 60, ago=timedelta(hours=hours - 1))
    assert SECOND not in everything(web, "sora", receipt)


def test_an_attempt_that_passed_opens_nothing_and_one_without_a_grade_neither(web: Web) -> None:
    assert FIRST in everything(web, "mina", web.receipts["mina"][0])
    assert SECOND not in everything(web, "mina", web.receipts["mina"][0])  # the second attempt passed it


@pytest.mark.parametrize("rule", [{"closes": DAY}, {"policy": {"attempts": 1}}])
def test_who_cannot_hand_in_again_learns_from_all(web: Web, rule: dict[str, object]) -> None:
    receipt = hand_in(web, "sora", "one", ago=2 * DAY)
    values = {name: web.now - one if name == "closes" else one for name, one in rule.items()}  # type: ignore[operator]
    if "closes" in rule:
        values["due"] = values["closes"]
    with web.database.write() as session:
        session.execute(update(Assignment).values(**values))
    assert SECOND in everything(web, "sora", receipt)


def test_what_may_turn_out_to_be_no_attempt_is_not_the_last_one(web: Web) -> None:
    """A file that is no notebook uses an attempt up until it is read, and opens nothing meanwhile."""
    receipt = hand_in(web, "sora", "one", ago=2 * DAY)
    with web.database.write() as session:
        session.execute(update(Assignment).values(policy={"attempts": 2}))
        one, sora = session.scalars(select(Assignment)).one(), person_of(session, "sora")
        waits = submissions.submit(session, one, sora, b"no", "no.ipynb", Source.WEB, enqueue=lambda *_: None)
    assert SECOND not in everything(web, "sora", receipt)
    with web.database.write() as session:
        finish(session, waits.run, refused())
    assert SECOND not in everything(web, "sora", receipt)


def test_staff_see_every_step(web: Web) -> None:
    receipt = hand_in(web, "sora", "one")
    assert SECOND in web.client_as("helper").get(f"/submissions/{receipt}/staff?lang=en").text
    assert SECOND in program(web, "helper").get(f"/submissions/{receipt}/report").text


def test_a_notebook_and_a_terminal_say_when_the_next_one_opens(web: Web) -> None:
    receipt = hand_in(web, "sora", "one")
    document = program(web, "sora").get(f"/submissions/{receipt}/report").json
    check = next(one for one in remote.report_of(document).checks if one.id == "double.values")
    assert check.hint is not None
    assert re.fullmatch(rf"{re.escape(FIRST)}\nThe next hint opens .*\(1 of 2 open\)\.", check.hint.en)
    assert "The next hint opens" in str(package.Result({"receipt": receipt}, document))


def test_hints_cost_one_query_however_many_checks_there_are(web: Web) -> None:
    receipt, asked = hand_in(web, "sora", "one"), []
    browser = web.client_as("sora")
    browser.get(f"/submissions/{receipt}")
    event.listen(web.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    browser.get(f"/submissions/{receipt}")
    assert sum("count(DISTINCT submission.notebook)" in one for one in asked) == 1
