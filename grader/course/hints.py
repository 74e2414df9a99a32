"""How many hints of a check are open to a student: one for each graded attempt that did not pass it.

This is the one place that decides it, for pages, programs and the command line alike; nothing else of a hint leaves
the server. The same file again opens nothing, and what was open once stays open, whatever is regraded. Who cannot hand
in any more learns from all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.course.policy import Refusal, Why
from grader.report import Status, Verdict
from grader.store.models import Assignment, CheckRow, Person, Run, State, Submission
from grader.text import Text


@dataclass(frozen=True)
class Steps:
    """The hints of a check that are open, and how many there are in all."""

    open: tuple[Text, ...] = ()
    all: int = 0

    @property
    def next(self) -> Text | None:
        """When the next one opens; None where none is left."""
        count = len(self.open)
        if count >= self.all:
            return None
        return Text(
            f"다음 힌트는 고쳐서 다시 제출해 채점되면 열립니다 (힌트 {self.all}개 중 {count}개 열림).",
            f"The next hint opens with your next graded attempt ({count} of {self.all} open).",
        )


@dataclass(frozen=True)
class Opened:
    """What is open to one person in one assignment. `missed`: by check, in how many graded attempts it was not passed;
    `over`: no further attempt is possible."""

    missed: Mapping[str, int] = field(default_factory=dict)
    over: bool = False

    def steps(self, check: str, hint: Text | None, verdict: str) -> Steps:
        """Of a check with that hint, a line a step; there are none to a check that passed."""
        if hint is None or verdict == Verdict.PASSED:
            return Steps()
        lines = split(hint)
        return Steps(lines if self.over else lines[: self.missed.get(check, 0)], len(lines))


def opened(session: Session, assignment: Assignment, person: Person, refusal: Refusal | None) -> Opened:
    """What is open to this person. `refusal` is what `policy.may_submit` says of another attempt now. An attempt that
    is not graded yet may turn out to be none, so until then it is not the last one."""
    over = (
        refusal is not None
        and refusal.next_at is None
        and (refusal.why is Why.CLOSED or not _waits(session, assignment, person))
    )
    return Opened({} if over else _missed(session, assignment, person), over)


def split(hint: Text) -> tuple[Text, ...]:
    """A line a step; one step where the languages do not have as many lines."""
    ko, en = hint.ko.split("\n"), hint.en.split("\n")
    return tuple(Text(*pair) for pair in zip(ko, en, strict=True)) if len(ko) == len(en) else (hint,)


def _waits(session: Session, assignment: Assignment, person: Person) -> bool:
    """Whether something of theirs is on its way to a grade."""
    query = select(Run.id).join(Submission, Submission.id == Run.submission_id)
    query = query.where(Submission.assignment_id == assignment.id, Submission.person_id == person.id)
    return session.scalar(query.where(Run.state.in_((State.QUEUED, State.RUNNING))).limit(1)) is not None


def _missed(session: Session, assignment: Assignment, person: Person) -> dict[str, int]:
    """By check, how many different notebooks of this person did not pass it. (No condition on the state of a run, which
    is done where it is graded: it leads a database to look at everybody's.)"""
    query = (
        select(CheckRow.name, func.count(Submission.notebook.distinct()))
        .join(Run, Run.id == CheckRow.run_id)
        .join(Submission, Submission.id == Run.submission_id)
        .where(
            Submission.assignment_id == assignment.id,
            Submission.person_id == person.id,
            Run.status == Status.GRADED.value,
            Run.committed_at.is_not(None),
            CheckRow.verdict != Verdict.PASSED.value,
        )
        .group_by(CheckRow.name)
    )
    return {str(name): int(count) for name, count in session.execute(query)}
