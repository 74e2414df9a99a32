"""Published versions of quizzes: packed whole, unpacked where somebody needs a key or a generator."""

from __future__ import annotations

import gzip
import io
import shutil
import tarfile
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import publishing
from grader.errors import BadQuiz
from grader.quiz import variant
from grader.quiz.bank import Bank
from grader.quiz.question import Key, Posed, Question
from grader.quiz.question import Quiz as Asked
from grader.store import blobs
from grader.store.quizzes import Quiz, QuizVersion

PUBLIC, SECRET = "assignments/quizzes", "reference/quizzes"
KEPT = 64  # versions that a process keeps at hand


class Book:
    """A quiz with its keys, its generators and its pictures, as it was published or as it is on the disk."""

    def __init__(self, quiz: Asked, bank: Bank) -> None:
        self.quiz = quiz
        self.generators = bank.generators(quiz.id)
        self.pictures = bank.public / "pictures"
        self.ran = False  # whether each generator has run in this process
        self._questions = {question.id: question for question in quiz.questions}

    def question(self, id: str) -> Question | None:
        return self._questions.get(id)

    def key(self, id: str) -> Key:
        return self.quiz.keys[id]

    def filled(self, id: str, values: Mapping[str, object]) -> Posed:
        """The question with these values. Raises KeyError for one that is not here, or a value that is not given."""
        question, key = self._questions[id], self.quiz.keys[id]
        return variant.filled(question, key, values) if key.generator else Posed(question, key)

    def picture(self, name: str) -> bytes | None:
        """The bytes of a picture of one of its questions."""
        if name not in {question.picture for question in self.quiz.questions} - {""}:
            return None
        file = self.pictures / name
        return file.read_bytes() if file.is_file() else None


def pack(bank: Bank, key: str) -> bytes:
    """All files of a quiz as an archive whose bytes depend on them alone."""
    quiz = bank.load(key)
    files = {f"{PUBLIC}/{key}.toml": bank.public / f"{key}.toml"}
    for picture in sorted({question.picture for question in quiz.questions} - {""}):
        files[f"{PUBLIC}/pictures/{picture}"] = bank.public / "pictures" / picture
    if bank.secret is not None:
        files |= {f"{SECRET}/{key}.{end}": bank.secret / f"{key}.{end}" for end in ("toml", "py")}
    target = io.BytesIO()
    with (
        gzip.GzipFile("", "wb", 6, target, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, file in sorted(files.items()):
            if file.is_file():
                data = file.read_bytes()
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(data), 0o644
                archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


class _Shelf:
    """The books that a process has unpacked, the last ones used. The folder of each stays while anybody holds it, and
    ends with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._books: OrderedDict[str, Book] = OrderedDict()

    def book(self, session: Session, version: QuizVersion) -> Book:
        name = f"{version.quiz_id}:{version.archive}"
        with self._lock:
            if name in self._books:
                self._books.move_to_end(name)
                return self._books[name]
        made = self._made(session, version)
        with self._lock:
            kept = self._books.setdefault(name, made)  # another thread may have been quicker
            while len(self._books) > KEPT:
                self._books.popitem(last=False)
        return kept

    def _made(self, session: Session, version: QuizVersion) -> Book:
        key = session.get_one(Quiz, version.quiz_id).key
        folder = tempfile.mkdtemp(prefix="grader-quiz-")
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            target = Path(folder) / "version"
            publishing.extract(blobs.get(session, version.archive), target)
            bank = Bank(target / PUBLIC, target / SECRET)
            made = Book(bank.load(key), bank)
            weakref.finalize(made, stack.pop_all().close)
        return made


_shelf = _Shelf()


def book(session: Session, version: QuizVersion | int) -> Book:
    """A published version, unpacked once a process."""
    row = version if isinstance(version, QuizVersion) else session.get_one(QuizVersion, version)
    return _shelf.book(session, row)


def points(session: Session, version: QuizVersion | None, drawn: int | None) -> float:
    """The most points of an attempt that poses so many of a version's questions (None: all of them); of such an attempt
    on average, where some weigh more than others."""
    if version is None or drawn is None:
        return 0.0 if version is None else version.max_points
    count = len(book(session, version).quiz.questions)
    return round(version.max_points * min(drawn, count) / count, 6)


def warm(session: Session) -> int:
    """Unpacks the current version of every quiz and runs each of its generators once; how many quizzes these were. For
    a server that begins: a generator may load what takes seconds, and who starts an attempt keeps all writers waiting
    for it."""
    versions = session.scalars(select(QuizVersion).join(Quiz, Quiz.version_id == QuizVersion.id)).all()
    for version in versions:
        ready(session, version)
    return len(versions)


def ready(session: Session, version: QuizVersion | int) -> None:
    """The same for one version; it takes no time where this process did it before. To be called before the transaction
    in which an attempt starts."""
    found = book(session, version)
    if found.ran:
        return
    for question in found.quiz.questions:
        with suppress(BadQuiz):
            variant.pose(question, found.key(question.id), found.generators, 0)
    found.ran = True
