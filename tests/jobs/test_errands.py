"""Work that is nobody's grading: behind everything else, asked for once, and never lost with a slot."""

from __future__ import annotations

from jobs.yard import Yard
from sqlalchemy import text

from grader.jobs import engine


def ask(yard: Yard, name: str) -> None:
    with yard.database.write() as session:
        yard.jobs.ask(session, name)


def waiting(yard: Yard) -> int:
    table = engine.jobs_table(yard.database)
    with yard.database.read() as session:
        found = session.execute(table.select().where(table.c.name == engine.ERRAND, table.c.status == "ENQUEUED"))
        return len(found.all())


def order(yard: Yard) -> list[str]:
    rows = [line.split() for line in yard.journal.read_text().splitlines()] if yard.journal.exists() else []
    return [row[1] for row in rows if row[0] in ("start", "errand")]


def test_asking_again_for_what_waits_is_asking_once(yard: Yard) -> None:
    for name in ("likeness:1", "likeness:1", "likeness:11"):
        ask(yard, name)
    assert waiting(yard) == 2
    assert yard.jobs.waiting() == []  # no student waits for it


def test_an_errand_waits_behind_all_gradings_and_comes_back_until_it_is_done(yard: Yard) -> None:
    ask(yard, "likeness:3")
    keys = [yard.add("one"), yard.add("two", "b")]
    yard.start()
    yard.until(lambda: order(yard).count("likeness:3") == 3)
    assert yard.ended(*keys) == ["done", "done"]
    assert order(yard) == ["one", "two", *["likeness:3"] * 3]


def test_an_errand_of_a_slot_that_died_is_done_by_another(yard: Yard) -> None:
    """As a slot leaves it that was killed in the middle: DBOS says that it runs, and nobody runs it."""
    yard.add("first")  # so that there is a journal
    ask(yard, "likeness:1")
    schema = "" if yard.database.embedded else f"{engine.SCHEMA}."
    with yard.database.engine.begin() as connection:
        words = f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = 'gone-0' WHERE name = 'errand'"
        connection.execute(text(words))
    assert waiting(yard) == 0
    yard.start()
    yard.until(lambda: order(yard)[-1:] == ["likeness:1"])
