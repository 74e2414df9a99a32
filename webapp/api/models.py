"""What the API takes and gives: each shape once, for the answer, the check of a request and the document.

Times are UTC, points are points, texts have both languages. A member that is null is not known, or not for who asks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from grader import text

Status = Literal["graded", "not_gradable", "error"]
GradeStatus = Literal["graded", "none", "pending", "problem"]
State = Literal["queued", "running", "done", "set_aside", "cancelled"]
RoleWord = Literal["admin", "instructor", "assistant", "student"]
ScopeWord = Literal["read", "submit", "staff"]
ModeWord = Literal["practice", "graded", "quest"]
GivenAnswer = str | list[str] | dict[str, str] | None


class Shape(BaseModel):
    """What all shapes have in common: nothing but what is named here."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class Words(Shape):
    """One text in both languages."""

    ko: str
    en: str

    @classmethod
    def of(cls, one: text.Text) -> Words:
        return cls(ko=one.ko, en=one.en)

    @classmethod
    def maybe(cls, one: text.Text | None) -> Words | None:
        """None of nothing."""
        return None if one is None else cls.of(one)


# ------------------------------------------------------------------------------------------------- who, where


class Place(Shape):
    """A course, and what the person is there."""

    key: str
    title: Words
    timezone: str
    role: RoleWord


class Token(Shape):
    """The token that asks."""

    name: str
    scopes: list[ScopeWord]
    expires_at: datetime


class Me(Shape):
    """Who the token acts for."""

    email: str
    name: str
    token: Token
    courses: list[Place]


class Courses(Shape):
    """The courses that the person is in."""

    courses: list[Place]


class Window(Shape):
    """When it may be handed in, extensions included. Null: no such limit."""

    opens: datetime | None
    due: datetime | None
    closes: datetime | None


class Rules(Shape):
    """The rules. Limits that are null do not exist."""

    late: Literal["none", "percent", "refuse"]
    percent_a_day: float
    floor_percent: float
    grace_days: float
    attempts: int | None
    attempts_a_day: int | None
    counts: Literal["best", "last"]


class Refusal(Shape):
    """Why a submission would not be taken now, and when one would be."""

    why: Literal["not_open", "closed", "attempts", "today"]
    text: Words
    next_at: datetime | None


class Cost(Shape):
    """What handing in now would cost: attempts that are left before it, days late, and the share of the points that is
    kept."""

    attempts_left: int | None
    attempts_left_today: int | None
    late_days: int
    kept_share: float
    refusal: Refusal | None


class Grade(Shape):
    """What the person has in one assignment. No score: there is no grade yet, which is not a zero."""

    status: GradeStatus
    score: float | None
    max_score: float
    late_days: int
    kept_share: float
    attempts: int
    overridden: bool
    receipt: str | None = Field(description="The submission that counts")


class Assignment(Shape):
    """One assignment, as it is for this person now."""

    course: str
    key: str
    title: Words
    weight: float
    max_score: float
    window: Window
    rules: Rules
    now: datetime
    cost: Cost
    grade: Grade | None


class Assignments(Shape):
    """All of a course, in its order."""

    assignments: list[Assignment]


# ------------------------------------------------------------------------------------------------- submissions


class Filename(Shape):
    """What the file is called."""

    filename: Annotated[str, Field(max_length=255, description="The file's name")] = "notebook.ipynb"


class Key(BaseModel):
    """Headers of an upload."""

    model_config = ConfigDict(extra="ignore")
    idempotency_key: Annotated[
        str | None,
        Field(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]+$",
            description="A word made anew for each upload. The same word with the same bytes is the same submission.",
        ),
    ] = None


class Received(Shape):
    """A submission that the server holds."""

    receipt: str
    received_at: datetime
    sha256: str
    duplicate: bool = Field(description="It was here already, and no attempt is spent")
    run: str
    course: str
    assignment: str
    timezone: str


class CheckSoFar(Shape):
    """The verdict so far of a check that the person may know of."""

    title: Words
    verdict: str


class Progress(Shape):
    """How far a grading is that is under way."""

    cells_done: int
    cells: int
    checks: list[CheckSoFar]


class Submission(Shape):
    """A submission, and how far it is. `place` counts from 1 in the queue, `seconds_left` is an estimate."""

    course: str
    assignment: str
    receipt: str
    received_at: datetime
    filename: str
    sha256: str
    state: State
    status: Status | None
    score: float | None
    max_score: float | None
    reason: Words | None
    place: int | None
    seconds_left: float | None
    over: bool = Field(description="Nothing more will happen to it by itself")
    progress: Progress | None
    person: str | None = Field(description="Whose it is, for staff")


class Submissions(Shape):
    """Some of them, the newest first."""

    submissions: list[Submission]


class Attempt(Shape):
    """One line of the history. `number` counts from 1; `counts`: it makes the grade."""

    number: int
    receipt: str
    received_at: datetime
    filename: str
    state: State
    status: Status | None
    score: float | None
    max_score: float | None
    late_days: int
    kept_share: float
    counts: bool
    comments: int = Field(description="How many comments staff made")


class History(Shape):
    """The person's attempts at an assignment, the newest first, and the grade."""

    course: str
    assignment: str
    attempts: list[Attempt]
    grade: Grade | None


class Check(Shape):
    """One check. A student's report has no `visibility` and no `seconds`."""

    id: str
    title: Words
    points: float
    max_points: float
    verdict: Literal["passed", "failed", "timeout", "crashed", "refused", "skipped", "error"]
    visibility: Literal["visible", "hidden", "after_due", "secret"] | None
    message: Words | None
    hint: Words | None = Field(description="For a student the steps that are open, a line each")
    hints: int = Field(description="How many steps there are in all")
    next_hint: Words | None = Field(description="When the next step opens; null where none is left")
    seconds: float | None
    misconception: str | None
    by_hand: bool = Field(description="A person decided on these points")


class Cell(Shape):
    """A cell, counted from 0. A student's report has those alone that did not run to their end."""

    index: int
    status: str
    seconds: float | None
    error: str | None


class Topic(Shape):
    """What of the course a misconception is about."""

    id: str
    week: int
    title: Words


class Misconception(Shape):
    """What wrong answers tell about what was understood, and in which checks."""

    id: str
    topic: Topic
    title: Words
    text: Words
    checks: list[str]


class Metric(Shape):
    """A measured number, with its uncertainty."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    threshold: float | None
    title: Words | None


class Report(Shape):
    """The report of a grading, schema 1, as this person may see it. `unlisted`: the score counts checks that are not
    listed."""

    model_config = ConfigDict(extra="forbid", serialize_by_alias=True)
    schema_: Annotated[Literal[1], Field(alias="schema")]
    assignment: str
    suite_version: str
    notebook_sha256: str
    status: Status
    reason: Words | None
    score: float
    max_score: float
    checks: list[Check]
    cells: list[Cell]
    misconceptions: list[Misconception]
    metrics: dict[str, Metric]
    pictures: list[dict[str, Any]]
    environment: dict[str, Any]
    seconds: dict[str, float]
    unlisted: bool
    receipt: str


class Comment(Shape):
    """What staff said about a submission, or about one of its cells (counted from 0)."""

    cell: int | None
    text: str
    at: datetime


class Comments(Shape):
    """All about a submission, the earliest first."""

    comments: list[Comment]


# ------------------------------------------------------------------------------------------------- another look


class Ask(Shape):
    """Why somebody should look again."""

    reason: Annotated[str, Field(min_length=1, max_length=10_000)]


class Answer(Shape):
    """What became of a request, and why."""

    decision: Literal["accepted", "declined"]
    answer: Annotated[str, Field(min_length=1, max_length=10_000)]


class Request(Shape):
    """A student asks to have a submission looked at again."""

    id: int
    receipt: str
    assignment: str
    reason: str
    decision: Literal["open", "accepted", "declined"]
    answer: str | None
    created_at: datetime
    decided_at: datetime | None
    person: str | None = Field(description="Who asks, for staff")


class Requests(Shape):
    """Some of them, the earliest first."""

    requests: list[Request]


# ------------------------------------------------------------------------------------------------- grades, people


class MyGrade(Grade):
    """What the person has in one assignment."""

    assignment: str
    title: Words
    weight: float


class MyGrades(Shape):
    """The person's grades in a course, in its order."""

    course: str
    grades: list[MyGrade]


class Which(Shape):
    """Which assignments; all where none is named."""

    assignment: Annotated[list[str], Field(max_length=200, description="Only this one; may be repeated")] = []


# ------------------------------------------------------------------------------------------------------ quizzes


class QuizGrade(Shape):
    """What the person has in one graded quiz. No score: there is no grade yet, which is not a zero."""

    status: Literal["graded", "none", "open", "pending"]
    score: float | None
    max_score: float
    late_days: int
    attempts: int
    overridden: bool


class Sitting(Shape):
    """One attempt at a quiz. No score: it runs, or something is being marked."""

    sitting: str
    mode: ModeWord
    number: int
    started_at: datetime
    deadline: datetime | None
    submitted_at: datetime | None
    score: float | None
    max_score: float


class Quiz(Shape):
    """One quiz, as it is for this person now. `may_start`: what can be started, or gone on with."""

    course: str
    key: str
    title: Words
    week: int
    graded: bool
    weight: float
    questions: int
    minutes: int | None
    max_score: float
    window: Window
    now: datetime
    attempts_left: int | None
    may_start: list[ModeWord]
    refusal: Words | None
    review_from: datetime | None
    grade: QuizGrade | None = Field(description="Null of what is practice alone")
    sittings: list[Sitting]


class Quizzes(Shape):
    """The quizzes of a course."""

    quizzes: list[Quiz]


class Start(Shape):
    """What to start. The same token is the same attempt, as is a graded one that runs."""

    mode: Literal["practice", "graded"]
    token: Annotated[str, Field(min_length=1, max_length=64)]


class Option(Shape):
    """Something to choose, by what this attempt calls it."""

    alias: str
    text: Words


class Feedback(Shape):
    """What an answer earned, 0 to 1; null while it is being marked, or where it was no answer."""

    share: float | None
    said: list[Words]
    explanation: Words | None
    right: Words | None
    pending: bool


class Question(Shape):
    """One question of an attempt. Texts are Markdown with formulas. `feedback` is null until it may be seen; `question`
    is its id in the bank, for staff alone."""

    position: int
    question: str | None
    topic: str
    kind: str
    weight: float
    difficulty: int
    stem: Words
    code: str
    unit: Words | None
    variables: list[str]
    signature: str
    starter: str
    options: list[Option]
    left: list[Option]
    answer: GivenAnswer
    revision: int
    hints: list[Words]
    said: Words | None
    feedback: Feedback | None


class Sheet(Shape):
    """An attempt as it may be seen now."""

    sitting: str
    quiz: str
    title: Words
    mode: ModeWord
    number: int
    started_at: datetime
    deadline: datetime | None
    submitted_at: datetime | None
    now: datetime
    score: float | None
    max_score: float
    pending: int
    may_review: bool
    review_from: datetime | None
    items: list[Question]


class GiveAnswer(Shape):
    """An answer: a text or an alias; several aliases (all that are right, or an order); or aliases of the left with
    those of the right. Null takes it back. `revision` is that of the answer that it replaces."""

    answer: GivenAnswer
    revision: Annotated[int, Field(ge=0, le=2147483647)]
    seconds: Annotated[float, Field(ge=0, le=3600, description="Spent on it since the last answer")] = 0.0


class Saved(Shape):
    """What became of an answer. `said`: why it cannot be read as one, which costs nothing."""

    position: int
    revision: int
    saved_at: datetime
    said: Words | None


class QuizResult(Shape):
    """One answer: what it earned, 0 to 1. A person is a number, and no name."""

    person: str
    question: str
    share: float
    seconds: float | None
    choice: str | None


class QuizResults(Shape):
    """The answers of each person's first attempt."""

    course: str
    quiz: str
    results: list[QuizResult]


class QuizRow(QuizGrade):
    """The grade of one active student."""

    email: str
    name: str


class QuizGrades(Shape):
    """The grades of a quiz."""

    course: str
    quiz: str
    grades: list[QuizRow]


class Column(Shape):
    """One assignment or graded quiz of the gradebook."""

    key: str
    title: Words
    max_score: float
    weight: float


class Row(Shape):
    """One active student; `grades` by the assignments' keys, `quizzes` by the quizzes'. `total`: points times weights
    of what is graded."""

    email: str
    name: str
    group: str
    grades: dict[str, Grade]
    quizzes: dict[str, QuizGrade]
    total: float


class Gradebook(Shape):
    """The gradebook as it is now."""

    course: str
    made_at: datetime
    assignments: list[Column]
    quizzes: list[Column]
    max_total: float
    people: list[Row]


class Export(Shape):
    """A gradebook as a file for another program (in base 64), and its manifest."""

    manifest: dict[str, Any]
    data: str


class Search(Shape):
    """Whom to list."""

    q: Annotated[str, Field(max_length=200, description="Part of the name or the address")] = ""
    left: Annotated[bool, Field(description="Those who were deactivated instead")] = False


class Somebody(Shape):
    """A member of the course."""

    email: str
    name: str
    role: RoleWord
    group: str
    active: bool
    submissions: int


class People(Shape):
    """Members, by role and name."""

    people: list[Somebody]


class Worker(Shape):
    """A place of a worker."""

    name: str
    queues: list[str]
    alive: bool
    draining: bool
    busy: bool


class Queue(Shape):
    """How many gradings wait, run and were set aside, by queue; and who grades. Over all courses."""

    waiting: dict[str, int]
    running: dict[str, int]
    set_aside: dict[str, int]
    workers: list[Worker]


# ------------------------------------------------------------------------------------------------- what is wrong


class Fault(Shape):
    """One value that is not as it should be."""

    where: list[str | int]
    what: str


class Problem(BaseModel):
    """What is wrong (RFC 9457), with what to do in both languages."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    text: Words
    request: str = Field(description="The number of the request, to be told to who looks after the server")
    why: str | None = Field(
        None, description="Of a refused submission: not_open, closed, attempts, today or another_assignment"
    )
    assignment: str | None = Field(None, description="The other assignment that the notebook says it is of")
    next_at: datetime | None = Field(None, description="When a submission would be taken")
    scope: ScopeWord | None = Field(None, description="The scope that the token lacks")
    faults: list[Fault] | None = None
