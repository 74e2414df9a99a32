"""The leaderboard of an assignment: who is on it, in which place, and what the private part says when all is over.

Nothing of it is stored but the facts: the rules of the board, the pseudonyms, and what each run answered. Places are a
pure function of these rows, in the order in which submissions were received, whatever the order in which their results
came. The private part decides on nothing, and is told to nobody but staff, before the last moment at which anybody
may hand in for the board.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import grades, people, policy
from grader.course.grades import RunSeen
from grader.course.policy import Window
from grader.errors import BadInput
from grader.ladder import Answers, better
from grader.store import audit, boards
from grader.store.boards import BoardName
from grader.store.database import lock, now
from grader.store.models import Assignment, Course, Member, Person, Role, Run, Submission, Version
from grader.text import Text

A_DAY = 5
MOST_A_DAY = 100
SHORTEST, LONGEST = 2, 20  # letters of a pseudonym
_NAME = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣 _-]*")
_SEPARATORS = str.maketrans("", "", " _-")
_ALIKE = str.maketrans("01i|58", "olllsb")
_NUMBER = re.compile(r"\d{6}")  # as in a student's number or a telephone's


# --------------------------------------------------------------------------------------- pure: what counts


class Fate(StrEnum):
    """What became of a submission on the board."""

    MOVED = "moved"  # better than the best before by more than chance: it is the score now
    KEPT = "kept"  # not better by more than chance: nothing is said about it
    BUDGET = "budget"  # the day's submissions for the board were used
    WAITING = "waiting"  # it, or an earlier one, is not graded yet
    NOTHING = "nothing"  # no grade, or a model that has no answer
    LATE = "late"  # received when the board had ended
    OLDER = "older"  # graded on matches of an older draw


class Entry(NamedTuple):
    """A submission as the board looks at it. `waits`: it may get a grade yet."""

    submission_id: int
    received_at: datetime
    waits: bool
    answers: Answers | None


class Line(NamedTuple):
    """What became of one submission."""

    submission_id: int
    received_at: datetime
    fate: Fate


@dataclass(frozen=True)
class Standing:
    """One person's way up: each submission in order of receipt, what the score stands on, and what it would stand on
    if every accuracy were told (the best of those that counted)."""

    lines: Sequence[Line] = ()
    best: Answers | None = None
    naive: Answers | None = None


@dataclass(frozen=True)
class Terms:
    """The rules of a board: submissions a day (of `zone`), the last moment, and the matches that are compared."""

    a_day: int
    ends: datetime | None
    draw: str | None
    zone: tzinfo


def stand(entries: Iterable[Entry], terms: Terms) -> Standing:
    """The standing of one person; the order of `entries` does not matter. From the first that waits on, all wait: the
    score of a later one would depend on which was graded first."""
    lines, best, naive = [], None, None
    used: dict[object, int] = defaultdict(int)
    waiting = False
    for entry in sorted(entries, key=lambda one: (one.received_at, one.submission_id)):
        day = entry.received_at.astimezone(terms.zone).date()
        fate = _fate_without_looking(entry, terms)
        waiting = waiting or fate is Fate.WAITING
        if fate is None and waiting:
            fate = Fate.WAITING
        elif fate is None and used[day] >= terms.a_day:
            fate = Fate.BUDGET
        elif fate is None and entry.answers is not None:
            used[day] += 1
            fate = Fate.MOVED if better(entry.answers, best) else Fate.KEPT
            best = entry.answers if fate is Fate.MOVED else best
            if naive is None or entry.answers.right_in_public > naive.right_in_public:
                naive = entry.answers
        lines.append(Line(entry.submission_id, entry.received_at, fate or Fate.NOTHING))
    return Standing(lines, best, naive)


def _fate_without_looking(entry: Entry, terms: Terms) -> Fate | None:
    """The fate that does not depend on what was answered."""
    if terms.ends is not None and entry.received_at > terms.ends:
        return Fate.LATE
    if entry.answers is None:
        return Fate.WAITING if entry.waits else Fate.NOTHING
    return None if entry.answers.draw == terms.draw else Fate.OLDER


# ----------------------------------------------------------------------------------------- pure: the places


@dataclass(frozen=True)
class Share:
    """So many right of `n`, with the 95 % interval of Wilson."""

    right: int
    n: int

    @property
    def value(self) -> float:
        return self.right / self.n

    @cached_property
    def interval(self) -> tuple[float, float]:
        from grader.suite.checks.metrics import wilson  # heavy

        return wilson(self.right, self.n)

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]


@dataclass(frozen=True)
class Place:
    """A line of the public ranking. Who has the same score shares the place; None while there is no score."""

    place: int | None
    name: str
    person_id: int
    score: Share | None


@dataclass(frozen=True)
class Final:
    """A line of the private ranking. The true place lies between `first` and `last` as far as 95 % intervals tell:
    nobody outside has an interval that meets this one. `naive` is the best plain accuracy in the public part, and
    `naive_private` what that submission has in the private one."""

    place: int
    first: int
    last: int
    name: str
    person_id: int
    private: Share
    public: Share
    naive: Share
    naive_private: Share


def ranking(standings: Mapping[int, Standing], names: Mapping[int, str]) -> list[Place]:
    """The public ranking of those with a name: the best first, who shares a place by name, and who has no score
    last."""
    scores = {id: _public(standings[id].best) if id in standings else None for id in names}
    order = sorted(names, key=lambda id: (-(one.value if (one := scores[id]) else -1.0), names[id], id))
    return [Place(_place(scores[id], scores.values()), names[id], id, scores[id]) for id in order]


def finals(standings: Mapping[int, Standing], names: Mapping[int, str]) -> list[Final]:
    """The private ranking of those with a name and a score. What stands in the public ranking is what is judged."""
    found = {id: standings[id] for id in names if id in standings and standings[id].best is not None}
    shares = {id: share for id, one in found.items() if (share := _private(one.best)) is not None}
    rows = []
    for id in sorted(shares, key=lambda id: (-shares[id].value, names[id], id)):
        mine, one = shares[id], found[id]
        public, naive, naive_private = _public(one.best), _public(one.naive), _private(one.naive)
        assert public is not None
        rows.append(
            Final(
                place=_place(mine, shares.values()) or 0,
                first=1 + sum(other.low > mine.high for other in shares.values()),
                last=len(shares) - sum(other.high < mine.low for other in shares.values()),
                name=names[id],
                person_id=id,
                private=mine,
                public=public,
                naive=naive or public,
                naive_private=naive_private or mine,
            )
        )
    return rows


def _place(mine: Share | None, all: Iterable[Share | None]) -> int | None:
    """One more than there are better ones."""
    return None if mine is None else 1 + sum(one is not None and one.value > mine.value for one in all)


def _public(answers: Answers | None) -> Share | None:
    return None if answers is None else Share(answers.right_in_public, answers.n_public)


def _private(answers: Answers | None) -> Share | None:
    return None if answers is None else Share(answers.right_in_private, answers.n_private)


# ------------------------------------------------------------------------------------------ out of the rows


@dataclass(frozen=True)
class Look:
    """A board as it stands at one moment. What holds which matches were right is not in its repr."""

    a_day: int
    ends: datetime | None  # None: never, so that the private part stays closed
    at: datetime
    names: Mapping[int, str]
    standings: Mapping[int, Standing] = field(repr=False)
    sizes: tuple[int, int] | None  # matches in the public and in the private part, once anything was answered

    @property
    def over(self) -> bool:
        """Whether the private part is open."""
        return self.ends is not None and self.at > self.ends

    @property
    def places(self) -> list[Place]:
        return ranking(self.standings, self.names)

    @property
    def finals(self) -> list[Final] | None:
        """The private ranking; None until the board is over."""
        return self.finals_for_staff if self.over else None

    @property
    def finals_for_staff(self) -> list[Final]:
        """The private ranking, at any time."""
        return finals(self.standings, self.names)

    @property
    def waiting(self) -> int:
        """Submissions of those with a name that have no place in the order yet."""
        lines = [line for id in self.names if id in self.standings for line in self.standings[id].lines]
        return sum(line.fate is Fate.WAITING for line in lines)

    def of(self, person: Person) -> Standing:
        """One person's way up, whether the person has a name or not."""
        return self.standings.get(person.id, Standing())

    def score_of(self, person: Person) -> Share | None:
        """What the person's score stands on in the public part."""
        return _public(self.of(person).best)


def is_open(session: Session, assignment: Assignment) -> bool:
    """Whether the assignment has a leaderboard."""
    return session.get(boards.Board, assignment.id) is not None


def look(session: Session, assignment: Assignment, *, at: datetime | None = None) -> Look | None:
    """The board of an assignment; None where it has none."""
    board = session.get(boards.Board, assignment.id)
    if board is None:
        return None
    course = session.get_one(Course, assignment.course_id)
    entries, draw = _entries(session, assignment)
    terms = Terms(board.a_day, ends(session, course, assignment), draw, ZoneInfo(course.timezone))
    answers = next((e.answers for some in entries.values() for e in some if e.answers and e.answers.draw == draw), None)
    return Look(
        a_day=board.a_day,
        ends=terms.ends,
        at=at or now(session),
        names=_names(session, assignment),
        standings={person: stand(some, terms) for person, some in entries.items()},
        sizes=None if answers is None else (answers.n_public, answers.n_private),
    )


def ends(session: Session, course: Course, assignment: Assignment) -> datetime | None:
    """The last moment at which a submission of anybody counts: until the assignment closes, or where it never does,
    until it is due and the days of grace are over; extensions are in it. None where there is no such moment."""
    grace = timedelta(days=policy.merged(course.policy, assignment.policy).grace_days)
    base = Window(assignment.opens, assignment.due, assignment.closes)
    members = session.scalars(select(Member).where(Member.course_id == assignment.course_id)).all()
    extensions = grades.extensions_of_all(session, [assignment.id], members).values()
    windows = [base, *(policy.window(base, given) for given in extensions)]
    found = [one.closes or (one.due and one.due + grace) for one in windows]
    return None if None in found else max(one for one in found if one is not None)


def _entries(session: Session, assignment: Assignment) -> tuple[dict[int, list[Entry]], str | None]:
    """Each person's submissions, and the draw of matches that is compared: that of the newest version that has any."""
    query = (
        select(
            *(Submission.id, Submission.person_id, Submission.received_at, Run.id, Version.number),
            *(Run.purpose, Run.state, Run.status, Run.committed_at),
        )
        .outerjoin(Run, Run.submission_id == Submission.id)
        .outerjoin(Version, Version.id == Run.version_id)
        .where(Submission.assignment_id == assignment.id)
    )
    who: dict[int, tuple[int, datetime]] = {}
    runs: dict[int, list[RunSeen]] = defaultdict(list)
    for submission, person, received, run, number, purpose, state, status, committed in session.execute(query):
        who[submission] = person, received
        if run is not None:
            runs[submission].append(RunSeen(run, number, purpose.value, state.value, status, committed is not None))
    official = {submission: grades.official(runs[submission]) for submission in who}
    answers = dict(boards.kept(session, [run.run_id for run in official.values() if run is not None]))
    newest = max(((r.version_number, r.run_id) for r in official.values() if r and r.run_id in answers), default=None)
    found: dict[int, list[Entry]] = defaultdict(list)
    for submission, (person, received) in who.items():
        counts = official[submission]
        waits = counts is None and grades.is_attempt(runs[submission])
        mine = None if counts is None else answers.get(counts.run_id)
        found[person].append(Entry(submission, received, waits, mine))
    return found, None if newest is None else answers[newest[1]].draw


def _names(session: Session, assignment: Assignment) -> dict[int, str]:
    """The pseudonyms of those who are still in the course."""
    query = (
        select(BoardName.person_id, BoardName.name)
        .join(Person, Person.id == BoardName.person_id)
        .join(Member, Member.person_id == BoardName.person_id)
        .where(BoardName.assignment_id == assignment.id, Member.course_id == assignment.course_id)
        .where(Person.active.is_(True), Person.forgotten_at.is_(None))
    )
    return {row.person_id: row.name for row in session.execute(query)}


# ------------------------------------------------------------------------------------------------- decisions


def open_board(session: Session, assignment: Assignment, *, a_day: int | None = None, actor: Person | str) -> None:
    """Gives the assignment a leaderboard, or another daily budget. Raises BadInput."""
    board = session.get(boards.Board, assignment.id)
    wanted = a_day if a_day is not None else board.a_day if board is not None else A_DAY
    if not 1 <= wanted <= MOST_A_DAY:
        raise BadInput(
            Text(
                f"하루에 순위표에 드는 제출은 1~{MOST_A_DAY}번 사이로 정하세요.",
                f"Choose from 1 to {MOST_A_DAY} submissions a day for the leaderboard.",
            )
        )
    if board is not None and board.a_day == wanted:
        return
    if board is None:
        session.add(boards.Board(assignment_id=assignment.id, a_day=wanted, opened_at=now(session)))
    else:
        board.a_day = wanted
    session.flush()
    audit.record(session, actor, "open.board", f"assignment:{assignment.id}", a_day=wanted)


def close_board(session: Session, assignment: Assignment, *, actor: Person | str) -> None:
    """Takes the leaderboard away. Pseudonyms and answers stay, for when it is opened again."""
    board = session.get(boards.Board, assignment.id)
    if board is not None:
        session.delete(board)
        session.flush()
        audit.record(session, actor, "close.board", f"assignment:{assignment.id}")


def name_of(session: Session, assignment: Assignment, person: Person) -> str | None:
    """The pseudonym that the person chose."""
    found = session.get(BoardName, (assignment.id, person.id))
    return None if found is None else found.name


def choose_name(session: Session, assignment: Assignment, person: Person, words: str) -> str:
    """Puts the person on the board under this pseudonym, or under another one than before. Raises BadInput for one
    that cannot be taken, and says why."""
    member = people.membership(session, session.get_one(Course, assignment.course_id), person)
    if not is_open(session, assignment) or member is None or member.role is not Role.STUDENT:
        raise BadInput(
            Text("이 과제의 순위표에는 학생만 오를 수 있습니다.", "Only students can be on this leaderboard.")
        )
    lock(session, f"board:{assignment.id}")
    name = _clean(words)
    _must_be_nobodys(session, assignment, person, name)
    at = now(session)
    row = BoardName(assignment_id=assignment.id, person_id=person.id, name=name, likeness=likeness(name), chosen_at=at)
    session.merge(row)
    session.flush()
    return name


def withdraw(session: Session, assignment: Assignment, person: Person) -> None:
    """Takes the person off the board."""
    row = session.get(BoardName, (assignment.id, person.id))
    if row is not None:
        session.delete(row)
        session.flush()


def remove_name(session: Session, assignment: Assignment, person: Person, *, actor: Person | str) -> None:
    """Staff take a pseudonym off the board; the person may choose another one."""
    if name_of(session, assignment, person) is not None:
        withdraw(session, assignment, person)
        audit.record(session, actor, "remove.board_name", f"assignment:{assignment.id}", person=person.id)


def likeness(name: str) -> str:
    """The same for names that look alike: case, spaces, 0 and o, 1 and l and i, rn and m."""
    word = unicodedata.normalize("NFKC", name).casefold().translate(_SEPARATORS).translate(_ALIKE)
    return word.replace("rn", "m").replace("vv", "w")


def _clean(words: str) -> str:
    """A pseudonym as it is shown. Hangul and Latin letters alone: those of other alphabets that look like them could
    take somebody else's place."""
    name = " ".join(unicodedata.normalize("NFKC", words).split())
    letters = name.translate(_SEPARATORS)
    if not SHORTEST <= len(letters) <= len(name) <= LONGEST or not _NAME.fullmatch(name):
        raise BadInput(
            Text(
                f"별명은 한글, 영문자, 숫자로 {SHORTEST}~{LONGEST}자까지 쓰세요. 빈칸, -, _도 쓸 수 있습니다. "
                "이메일 주소는 쓸 수 없습니다.",
                f"Write {SHORTEST} to {LONGEST} Hangul or English letters and digits; spaces, - and _ are allowed, "
                "too. It cannot be an e-mail address.",
            )
        )
    if _NUMBER.search(letters):
        raise BadInput(
            Text(
                "학번이나 전화번호처럼 보이는 긴 숫자는 별명에 쓸 수 없습니다. 숫자를 줄여 주세요.",
                "A pseudonym cannot hold a number as long as a student's or a telephone's. Use fewer digits.",
            )
        )
    return name


def _must_be_nobodys(session: Session, assignment: Assignment, person: Person, name: str) -> None:
    word = likeness(name)
    taken = select(BoardName.person_id).where(
        BoardName.assignment_id == assignment.id, BoardName.likeness == word, BoardName.person_id != person.id
    )
    if session.scalar(taken) is not None:
        raise BadInput(
            Text(
                f"'{name}'은(는) 다른 사람의 별명과 같거나 너무 비슷합니다. 다른 별명을 고르세요.",
                f"'{name}' is somebody else's pseudonym, or looks too much like it. Choose another one.",
            )
        )
    members = select(Person.name, Person.email).join(Member, Member.person_id == Person.id)
    rows = session.execute(members.where(Member.course_id == assignment.course_id)).all()
    if word in {likeness(one) for name, email in rows for one in (name, email.partition("@")[0])}:
        raise BadInput(
            Text(
                "실제 이름이나 이메일 주소의 앞부분은 별명으로 쓸 수 없습니다. 다른 별명을 고르세요.",
                "A real name, or what an e-mail address begins with, is no pseudonym. Choose another one.",
            )
        )
