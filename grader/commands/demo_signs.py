"""What `grader demo` shows beyond grades: a leaderboard under pseudonyms, and submissions that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.store.database import Database
    from grader.store.models import Course, Person

BOARD, COMPARED = "lol-gpu", "perceptron"
PSEUDONYMS = {"minji": "협곡의 고양이", "junho": "Gradient Surfer", "doyun": "미니언 42호"}


def board(session: Session, course: Course, people: dict[str, Person]) -> None:
    """Opens the leaderboard and puts `people` (by what stands before "@") on it."""
    from grader.course import boards
    from grader.course import people as known

    row = known.assignment(session, course, BOARD)
    boards.open_board(session, row, actor="cli")
    for name, pseudonym in PSEUDONYMS.items():
        boards.choose_name(session, row, people[name], pseudonym)


def likeness(database: Database) -> None:
    """Compares what was handed in."""
    from grader.course import likeness, people

    with database.read() as session:
        id = people.assignment(session, people.the_course(session), COMPARED).id
    likeness.work(database, id)
