"""Versions of quizzes: proved, packed whole, and never changed afterwards."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from course.quizzes.hall import NOON, ROOT, Hall, write
from sqlalchemy import select

from grader.course import quizzes
from grader.course.quizzes import shelf
from grader.errors import BadInput, BadQuiz
from grader.quiz.bank import Bank
from grader.store import audit, blobs
from grader.store.models import Audit, Blob
from grader.store.quizzes import QuizVersion


def versions(hall: Hall) -> list[int]:
    with hall.database.read() as session:
        return list(session.scalars(select(QuizVersion.number).order_by(QuizVersion.number)))


def test_the_same_content_is_the_same_version(hall: Hall) -> None:
    hall.publish()
    assert versions(hall) == [1]
    hall.publish({'"line"': '"ray"', "feedback.data": "feedback.data"})
    assert versions(hall) == [1, 2]
    hall.publish()
    assert versions(hall) == [1, 2, 3]


def test_a_quiz_with_errors_is_refused_unless_somebody_says_why(hall: Hall) -> None:
    bank = write(hall.folder, {'key = "line"': 'key = "ray"'})
    faults = quizzes.prove(bank, "week4-demo")
    assert any("does not fit" in fault.text.en for fault in faults)
    with hall.write() as session:
        with pytest.raises(BadInput, match=r"demo-choice: The key does not fit.*grader quiz lint"):
            quizzes.publish(session, hall.course(session), bank, "week4-demo", actor="test", faults=faults)
        quizzes.publish(
            session, hall.course(session), bank, "week4-demo", actor="test", faults=faults, forced="a trial", at=NOON
        )
        assert session.scalars(select(QuizVersion.forced)).all() == [None, "a trial"]


def test_publishing_proves_by_itself(hall: Hall) -> None:
    bank = write(hall.folder, {'key = "line"': 'key = "ray"'})
    with pytest.raises(BadInput, match=r"has \d+ errors"), hall.write() as session:
        quizzes.publish(session, hall.course(session), bank, "week4-demo", actor="test")


def test_a_quiz_without_keys_or_of_no_name(hall: Hall, tmp_path: Path) -> None:
    bank = Bank(write(tmp_path).public)
    for key, error in (("week4-demo", BadInput), ("none", BadQuiz)):
        with pytest.raises(error), hall.write() as session:
            quizzes.publish(session, hall.course(session), bank, key, actor="test", faults=())
    with pytest.raises(BadInput, match=r"no quiz 'x' .*Known: week4-demo"), hall.database.read() as session:
        quizzes.the_quiz(session, hall.course(session), "x")


def test_times_out_of_order_are_refused(hall: Hall) -> None:
    with pytest.raises(BadInput, match="out of order"):
        hall.schedule(opens=NOON, due=NOON.replace(year=2025))


def test_every_decision_is_in_the_audit_log(hall: Hall) -> None:
    with hall.write() as session:
        person = hall.person(session, "mina")
        quizzes.extend(session, hall.quiz(session), person, minutes=5, reason="Mina broke a leg", actor=person)
    with hall.database.read() as session:
        lines = session.scalars(select(Audit).order_by(Audit.number)).all()
        assert [line.action for line in lines][-3:] == ["schedule.quiz", "publish.quiz", "grant.quiz_extension"]
        assert audit.broken(session) is None
        assert "Mina" not in json.dumps([line.data for line in lines])


def test_archives_are_kept_and_what_nothing_needs_is_swept(hall: Hall) -> None:
    with hall.write() as session:
        blobs.put(session, b"nobody's")
        assert blobs.sweep(session)[0] == 1
        archive = session.scalars(select(QuizVersion.archive)).one()
        assert session.get(Blob, archive) is not None


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    first = shelf.pack(write(tmp_path / "one"), "week4-demo")
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    second = Bank(tmp_path / "two/assignments/quizzes", tmp_path / "two/reference/quizzes")
    assert shelf.pack(second, "week4-demo") == first


def publish_with_a_picture(hall: Hall) -> Path:
    """The folder of the picture x.svg of the first question, and of one that no question has."""
    change = {'id = "demo-choice" ': 'id = "demo-choice"\npicture = "x.svg"\nalt = { ko = "가", en = "a" } '}
    pictures = hall.folder / "assignments/quizzes/pictures"
    pictures.mkdir(parents=True)
    (pictures / "x.svg").write_text("<svg/>")
    (pictures / "secret.svg").write_text("<svg>secret</svg>")
    hall.publish(change)
    return pictures


def test_a_picture_is_published_and_only_what_is_shown_can_be_read(hall: Hall) -> None:
    pictures = publish_with_a_picture(hall)
    receipt = hall.start()
    (pictures / "x.svg").write_text("<svg>changed</svg>")
    with hall.database.read() as session:
        attempt = hall.attempt(session, receipt)
        assert quizzes.picture(session, attempt, 1) == ("x.svg", b"<svg/>")
        with pytest.raises(BadInput, match="no such picture"):
            quizzes.picture(session, attempt, 2)


def test_who_unpack_a_version_at_the_same_moment_share_one_whose_pictures_stay(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_with_a_picture(hall)
    found, together, real = shelf._Shelf(), Barrier(2), shelf.publishing.extract

    def extract(archive: bytes, target: Path) -> None:
        together.wait(60)
        real(archive, target)

    def ask(_: int) -> shelf.Book:
        with hall.database.read() as session:
            return found.book(session, session.scalars(select(QuizVersion).order_by(QuizVersion.id.desc())).all()[0])

    monkeypatch.setattr(shelf.publishing, "extract", extract)
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(ask, range(2))
    assert one is other
    found._books.clear()  # as when many others were asked for since
    assert one.picture("x.svg") == b"<svg/>"


def test_a_server_warms_up_in_a_transaction_that_only_reads(hall: Hall) -> None:
    with hall.database.read() as session:
        assert quizzes.warm(session) == 1


@pytest.mark.slow
def test_the_whole_bank_can_be_published_and_begun(hall: Hall) -> None:
    bank = Bank(ROOT / "assignments/quizzes", ROOT / "reference/quizzes")
    with hall.write() as session:
        course, person = hall.course(session), hall.person(session, "mina")
        for key in bank.ids():
            quiz = quizzes.publish(session, course, bank, key, actor="test", faults=(), at=NOON)
            attempt = quizzes.start(session, quiz, person, quizzes.QuizMode.PRACTICE, token="t", at=NOON)
            sheet = quizzes.review(session, attempt, staff=True, at=NOON)
            assert [item.feedback is not None and item.feedback.explanation for item in sheet.items]
            assert len(sheet.items) == len(bank.load(key).questions)
