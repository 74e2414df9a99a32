"""Quizzes: what there is, taking one, and what came of it. What may be seen is what `grader.course.quizzes` gives out
for that moment, as on the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from flask import abort, request

from grader.course import quizzes as core
from grader.course.quizzes import Ended, Feedback, Item, Option, QuizGrade, QuizMode, Refused, Sheet, Stale, Standing
from grader.course.tokens import Scope
from grader.errors import BadInput
from grader.store.database import now
from grader.store.models import Person, Role
from grader.store.quizzes import Quiz
from grader.text import Text
from webapp.access import allow, here
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.document import operation
from webapp.limits import limiter
from webapp.problems import Problem
from webapp.quizzes import desk
from webapp.quizzes.sitting import often, settle
from webapp.site import reading, site, writing

S = TypeVar("S", bound=models.Shape)


@blueprint.get("/v1/courses/<course>/quizzes")
@allow(Role.STUDENT)
@operation("강좌의 퀴즈", tag="quizzes", scope=Scope.READ, returns=models.Quizzes)
def quizzes(course: str) -> models.Quizzes:
    """The quizzes of a course: times, rules, my attempts, my grades."""
    at = now(reading())
    return models.Quizzes(quizzes=[_quiz(one, at) for one in _mine()])


@blueprint.get("/v1/courses/<course>/quizzes/<quiz>")
@allow(Role.STUDENT)
@operation("퀴즈 하나", tag="quizzes", scope=Scope.READ, returns=models.Quiz)
def quiz(course: str, quiz: str) -> models.Quiz:
    """One quiz: times, rules, my attempts, my grade."""
    found = next((one for one in _mine() if one.quiz == quiz), None)
    if found is None:
        abort(404)
    return _quiz(found, now(reading()))


@blueprint.post("/v1/courses/<course>/quizzes/<quiz>/sittings")
@allow(Role.STUDENT)
@limiter.limit("120/hour")
@operation(
    "퀴즈 시작하기",
    tag="quizzes",
    scope=Scope.SUBMIT,
    returns=models.Sheet,
    code=201,
    body=models.Start,
    errors=(404, 409),
)
def quiz_start(course: str, quiz: str) -> tuple[models.Sheet, int]:
    """Start an attempt, or go on with a graded one that runs."""
    row, wish = desk.quiz(quiz), _body(models.Start)
    mode = QuizMode(wish.mode)
    prepared = core.prepare(reading(), row, here().person, mode)  # while nobody waits for this one's writing
    try:
        with writing() as session:
            quiz_row, person = session.get_one(Quiz, row.id), session.get_one(Person, here().person.id)
            begun = core.start(session, quiz_row, person, mode, token=wish.token, prepared=prepared)
            return _sheet(core.sheet(session, begun)), 201
    except Refused as error:
        refusal = error.refusal
        if refusal is None:
            raise Problem("refused", error.text) from error
        raise Problem("refused", error.text, why=refusal.why.value, next_at=refusal.next_at) from error
    except BadInput as error:
        raise Problem("conflict", error.text) from error


@blueprint.get("/v1/courses/<course>/sittings/<sitting>")
@allow(Role.STUDENT)
@operation("내 응시", tag="quizzes", scope=Scope.READ, returns=models.Sheet)
def sitting(course: str, sitting: str) -> models.Sheet:
    """My attempt: its questions and my answers."""
    row = desk.attempt(sitting)
    settle(row)
    session = reading()
    return _sheet(core.sheet(session, desk.again(session, desk.attempt(sitting))))


@blueprint.get("/v1/courses/<course>/sittings/<sitting>/review")
@allow(Role.STUDENT)
@operation("응시 결과", tag="quizzes", scope=Scope.READ, returns=models.Sheet, errors=(404, 409))
def sitting_review(course: str, sitting: str) -> models.Sheet:
    """What became of an attempt, as far as the rules let me see; staff see everybody's with every key."""
    row = desk.attempt(sitting, staff=True)
    mine = row.person_id == here().person.id
    if mine:
        settle(row)
        row = desk.attempt(sitting)
    session = reading()
    found = core.review(session, desk.again(session, row), staff=not mine)
    if mine and found.open:
        raise Problem("conflict", Text("아직 푸는 중입니다.", "This attempt is still running."))
    return _sheet(found, staff=not mine)


@blueprint.post("/v1/courses/<course>/sittings/<sitting>/answers/<int(max=2147483647):position>")
@allow(Role.STUDENT)
@often
@operation(
    "답 저장하기",
    tag="quizzes",
    scope=Scope.SUBMIT,
    returns=models.Saved,
    body=models.GiveAnswer,
    errors=(404, 409),
)
def sitting_answer(course: str, sitting: str, position: int) -> models.Saved:
    """Save an answer. The same again changes nothing; 409 where it was changed elsewhere, or the attempt is over."""
    row, given = desk.attempt(sitting), _body(models.GiveAnswer)
    try:
        with writing() as session:
            saved = core.save(
                session,
                desk.again(session, row),
                position,
                given.answer,
                revision=given.revision,
                seconds=given.seconds,
            )
    except Stale as error:
        raise Problem("conflict", error.text, answer=error.item.answer, revision=error.item.revision) from error
    except Ended as error:
        raise Problem("conflict", error.text) from error
    except BadInput as error:
        raise Problem("invalid", error.text) from error
    return models.Saved(
        position=position, revision=saved.revision, saved_at=saved.at, said=models.Words.maybe(saved.said)
    )


@blueprint.post("/v1/courses/<course>/sittings/<sitting>/submit")
@allow(Role.STUDENT)
@operation("응시 제출하기", tag="quizzes", scope=Scope.SUBMIT, returns=models.Sheet)
def sitting_submit(course: str, sitting: str) -> models.Sheet:
    """Hand an attempt in; one that has ended stays as it is."""
    row, enqueue = desk.attempt(sitting), site().jobs.enqueue
    with writing() as session:
        return _sheet(core.sheet(session, core.submit(session, desk.again(session, row), enqueue=enqueue)))


@blueprint.get("/v1/courses/<course>/quizzes/<quiz>/results")
@allow(Role.ASSISTANT)
@operation("모든 답이 얻은 점수", tag="quizzes", scope=Scope.STAFF, returns=models.QuizResults)
def quiz_results(course: str, quiz: str) -> models.QuizResults:
    """What each answer earned: of each person the first attempt that has ended."""
    rows = core.results(reading(), desk.quiz(quiz))
    return models.QuizResults(course=course, quiz=quiz, results=[models.QuizResult.model_validate(one) for one in rows])


@blueprint.get("/v1/courses/<course>/quizzes/<quiz>/grades")
@allow(Role.ASSISTANT)
@operation("퀴즈의 성적", tag="quizzes", scope=Scope.STAFF, returns=models.QuizGrades)
def quiz_grades(course: str, quiz: str) -> models.QuizGrades:
    """The grades of a quiz: the active students. Of what is practice alone there are none."""
    row = desk.quiz(quiz)
    return models.QuizGrades(
        course=course,
        quiz=quiz,
        grades=[
            models.QuizRow(
                **grade_shape(by_key[row.key]).model_dump(), email=member.person.email, name=member.person.name
            )
            for member, by_key in core.grades(reading(), here().course, quiz=row)
            if row.key in by_key and member.role is Role.STUDENT and member.person.active
        ],
    )


def grade_shape(grade: QuizGrade) -> models.QuizGrade:
    """A grade for an answer."""
    return models.QuizGrade(
        status=grade.status,  # type: ignore[arg-type]  # one of the words that QuizGrade names
        score=grade.score if grade.status == "graded" else None,
        max_score=grade.max_score,
        late_days=grade.late_days,
        attempts=grade.attempts,
        overridden=grade.overridden,
    )


# --------------------------------------------------------------------------------------------------- pieces


def _mine() -> Sequence[Standing]:
    return core.mine(reading(), here().course, here().person)


def _body(shape: type[S]) -> S:
    found: S = request.context.json  # type: ignore[attr-defined]
    return found


def _quiz(one: Standing, at: datetime) -> models.Quiz:
    return models.Quiz(
        course=here().course.key,
        key=one.quiz,
        title=models.Words.of(one.title),
        week=one.week,
        graded=one.rules.graded,
        weight=one.weight,
        questions=one.questions,
        minutes=one.minutes,
        max_score=one.max_score,
        window=models.Window.model_validate(one.window),
        now=at,
        attempts_left=one.attempts_left,
        may_start=[mode.value for mode in one.may_start],
        refusal=models.Words.maybe(one.refusal),
        review_from=one.review_from,
        grade=grade_shape(one.grade) if one.rules.graded else None,
        sittings=[
            models.Sitting(
                sitting=line.receipt,
                mode=line.mode.value,
                number=line.number,
                started_at=line.started_at,
                deadline=line.deadline,
                submitted_at=line.submitted_at,
                score=line.score,
                max_score=line.max_score,
            )
            for line in one.sittings
        ],
    )


def _sheet(one: Sheet, *, staff: bool = False) -> models.Sheet:
    return models.Sheet(
        sitting=one.receipt,
        quiz=one.quiz,
        title=models.Words.of(one.title),
        mode=one.mode.value,
        number=one.number,
        started_at=one.started_at,
        deadline=one.deadline,
        submitted_at=one.submitted_at,
        now=one.now,
        score=one.score,
        max_score=one.max_score,
        pending=one.pending,
        may_review=one.may_review,
        review_from=one.review_from,
        items=[_question(item, staff) for item in one.items],
    )


def _question(one: Item, staff: bool) -> models.Question:
    return models.Question(
        position=one.position,
        question=one.question if staff else None,
        topic=one.topic,
        kind=one.kind,
        weight=one.weight,
        difficulty=one.difficulty,
        stem=models.Words.of(one.stem),
        code=one.code,
        unit=models.Words.maybe(one.unit),
        variables=list(one.variables),
        signature=one.signature,
        starter=one.starter,
        options=_options(one.options),
        left=_options(one.left),
        answer=one.answer,
        revision=one.revision,
        hints=[models.Words.of(hint) for hint in one.hints],
        said=models.Words.maybe(one.said),
        feedback=None if one.feedback is None else _feedback(one.feedback),
    )


def _options(some: Sequence[Option]) -> list[models.Option]:
    return [models.Option(alias=one.alias, text=models.Words.of(one.text)) for one in some]


def _feedback(one: Feedback) -> models.Feedback:
    return models.Feedback(
        share=one.share,
        said=[models.Words.of(text) for text in one.said],
        explanation=models.Words.maybe(one.explanation),
        right=models.Words.maybe(one.right),
        pending=one.pending,
    )
