"""Why somebody may not start now, or may not be told anything: the rules, and what they are being graded in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader import words
from grader.course.policy import Refusal, Why
from grader.course.quizzes import seen, shelf
from grader.course.quizzes.rules import Practice, QuizRules
from grader.store.models import Course, Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizVersion
from grader.text import Text

SITS = Text(
    "같은 퀴즈의 평가를 치르는 동안에는 확인할 수 없습니다. 평가를 먼저 마치세요.",
    "You are in the middle of a graded attempt at the same quiz. Finish that first.",
)


@dataclass(frozen=True)
class UnderWay:
    """What a person is being graded in right now: nothing of it is told outside that attempt. `versions` are those of
    the quiz, in whatever course it was published; `asked` are its questions, which another quiz may ask as well."""

    versions: Collection[int] = ()
    asked: Collection[object] = ()

    def __bool__(self) -> bool:
        return bool(self.versions)

    def holds(self, session: Session, item: QuizItem) -> bool:
        """Whether this question of some attempt is one of them."""
        return item.version_id in self.versions or (bool(self.asked) and _asked(session, item) in self.asked)


def untold(session: Session, attempt: QuizAttempt, rows: Sequence[QuizItem], at: datetime) -> Mapping[int, Text]:
    """By position, why nothing may be told about these questions of an attempt now, its taker being graded in them
    elsewhere. Practice and quests tell nothing, either, of a quiz that may not be practised now: it may have been
    practice when they were begun."""
    sits = under_way(session, attempt.person_id, at)
    found = {row.position: SITS for row in rows if sits.holds(session, row)}
    if attempt.mode is QuizMode.GRADED:
        return found
    others = seen.others(session, session.get_one(Course, attempt.course_id))
    query = select(QuizVersion.id, Quiz).join(Quiz, Quiz.id == QuizVersion.quiz_id)
    query = query.where(QuizVersion.id.in_({row.version_id for row in rows}))
    quizzes = {row[0]: row[1] for row in session.execute(query)}
    for row in rows:
        quiz = quizzes[row.version_id]
        barred = practice_barred(quiz, QuizRules.from_json(quiz.policy), others[quiz.id], False, at)
        if barred is not None:
            found.setdefault(row.position, barred)
    return found


def under_way(session: Session, person: int, at: datetime) -> UnderWay:
    """What they are being graded in then."""
    query = select(QuizAttempt, Quiz.key).join(Quiz, Quiz.id == QuizAttempt.quiz_id)
    query = query.where(QuizAttempt.person_id == person, QuizAttempt.mode == QuizMode.GRADED)
    rows = session.execute(query.where(QuizAttempt.submitted_at.is_(None)))
    keys = {attempt.id: key for attempt, key in rows if not seen.is_over(attempt, at)}
    if not keys:
        return UnderWay()
    versions = select(QuizVersion.id).join(Quiz, Quiz.id == QuizVersion.quiz_id).where(Quiz.key.in_(keys.values()))
    items = session.scalars(select(QuizItem).where(QuizItem.attempt_id.in_(keys)))
    return UnderWay(frozenset(session.scalars(versions)), {_asked(session, item) for item in items})


def _asked(session: Session, item: QuizItem) -> object:
    """What a question asks, whatever its numbers: as the bank has it, without names of its own."""
    found = shelf.book(session, item.version_id).question(item.question)
    if found is None:
        return item.question
    return found.kind, found.stem, found.code, found.picture, frozenset(option.text for option in found.options)


def graded_refusal(held: seen.Held, used: int, at: datetime) -> Refusal | None:
    """Why no graded attempt can be started then."""
    if not held.rules.graded:
        return Refusal(Why.CLOSED, Text("연습만 할 수 있는 퀴즈입니다.", "This quiz is for practice alone."))
    if held.window.opens is not None and at < held.window.opens:
        return Refusal(Why.NOT_OPEN, _opens(held.window.opens, held.zone), held.window.opens)
    end = held.deadline(at)
    if end is not None and end <= at:
        return Refusal(
            Why.CLOSED,
            Text(
                "응시 기간이 끝났습니다. 사정이 있으면 강사에게 연장을 요청하세요.",
                "This quiz is closed. If you have a reason, ask the instructor for an extension.",
            ),
        )
    if held.attempts is not None and used >= held.attempts:
        return Refusal(
            Why.ATTEMPTS,
            Text(f"응시 횟수 {held.attempts}번을 모두 썼습니다.", f"All {held.attempts} attempts are used."),
        )
    return None


def practice_refusal(session: Session, quiz: Quiz, person: Person, rules: QuizRules, at: datetime) -> Text | None:
    """Why nobody can practise then; no one may while their own graded attempt runs."""
    running = quiz.version_id in under_way(session, person.id, at).versions
    return practice_barred(quiz, rules, seen.others_of(session, quiz), running, at)


def practice_barred(quiz: Quiz, rules: QuizRules, others: seen.Others, running: bool, at: datetime) -> Text | None:
    """The same, of what is known already; `running` is whether the person's own graded attempt runs."""
    if running:
        return Text(
            "평가를 치르는 동안에는 같은 퀴즈를 연습할 수 없습니다.",
            "The quiz cannot be practised while your graded attempt runs.",
        )
    if quiz.opens is not None and at < quiz.opens:
        return _opens(quiz.opens, others.zone)
    if seen.may_practise(quiz, rules, others, at):
        return None
    start = seen.practice_from(quiz, rules, others)
    if start is None and rules.practice is not Practice.NEVER and others.sits(at):
        return Text(
            "아직 응시하는 사람이 있습니다. 모두 끝난 뒤에 연습할 수 있습니다.",
            "Somebody is still sitting this quiz. It can be practised when everybody has ended.",
        )
    if start is None:
        return Text("이 퀴즈는 연습할 수 없습니다.", "This quiz cannot be practised.")
    when = words.moment(start, others.zone)
    return Text(f"마감이 지나면 연습할 수 있습니다: {when.ko}.", f"It can be practised after it is due: {when.en}.")


def _opens(at: datetime, zone: tzinfo) -> Text:
    when = words.moment(at, zone)
    return Text(f"아직 시작할 수 없습니다. {when.ko}에 열립니다.", f"This quiz opens at {when.en}.")
