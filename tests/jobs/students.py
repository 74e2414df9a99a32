"""Students who hand in over HTTP, as `grader.client` does, to a server that may die at any moment."""

from __future__ import annotations

import socket
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobs.service import Service
from jobs.yard import PATIENCE, Yard
from sqlalchemy import select

from grader.client.connection import Connection, Unreachable
from grader.client.service import Service as Client
from grader.course import tokens
from grader.course.tokens import Scope
from grader.store import models
from grader.store.database import now
from grader.store.models import Role

COURSE, ASSIGNMENT = "c", "one"
AT_ONCE = 8  # of more than one person, and several of each


@dataclass
class Upload:
    """One file that somebody hands in. `key` makes every try the same upload. `hangs_up`: the line breaks once, after
    the last byte and before the answer."""

    person: str
    key: str
    filename: str
    data: bytes
    hangs_up: bool
    receipt: str = ""
    again: int = 0  # times that it was sent again
    known: bool = False  # the server had it already when it gave the receipt: an earlier answer was lost


class Students:
    """Those of a yard; each upload goes on until there is a receipt."""

    def __init__(self, yard: Yard, server: Service, names: list[str]) -> None:
        self.uploads: list[Upload] = []
        self._server = server
        self._tokens = {name: _token(yard, name) for name in names}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="student")
        self._tries: list[Future[None]] = []

    def hand_in(self, upload: Upload) -> None:
        """Begins with it."""
        self.uploads.append(upload)
        self._tries.append(self._pool.submit(self._until_received, upload))

    def sending(self) -> int:
        """How many uploads are under way. Raises what went wrong with one."""
        for one in self._tries:
            if one.done():
                one.result()
        self._tries = [one for one in self._tries if not one.done()]
        return len(self._tries)

    def received(self) -> None:
        """Waits until each has its receipt."""
        for one in self._tries:
            one.result()

    def send_again(self, uploads: list[Upload]) -> None:
        """Those that came long ago, as from a page that was left open: they are known by their keys alone, as each
        person has handed in other bytes since."""
        for one in uploads:
            answer = self._client(one).submit(COURSE, ASSIGNMENT, one.data, one.filename, one.key)
            assert (answer["receipt"], answer["duplicate"]) == (one.receipt, True)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _client(self, upload: Upload) -> Client:
        token = self._tokens[upload.person]
        return Client(Connection(self._server.address, token, pause=lambda _: self._later(upload)))

    def _later(self, upload: Upload) -> None:
        """Not by the clock: when somebody answers again."""
        upload.again += 1
        self._server.wait()

    def _until_received(self, upload: Upload) -> None:
        client = self._client(upload)
        if upload.hangs_up:
            self._hang_up(upload)
        while not upload.receipt:
            try:
                answer = client.submit(COURSE, ASSIGNMENT, upload.data, upload.filename, upload.key)
            except Unreachable:  # it was told to try again, and that nothing is submitted twice
                self._later(upload)
            else:
                upload.receipt, upload.known = answer["receipt"], answer["duplicate"]

    def _hang_up(self, upload: Upload) -> None:
        self._server.wait()
        upload.again += 1
        place = urlsplit(self._server.address)
        head = (
            f"POST /api/v1/courses/{COURSE}/assignments/{ASSIGNMENT}/submissions?filename={upload.filename} HTTP/1.1\r\n"
            f"Host: {place.netloc}\r\nAuthorization: Bearer {self._tokens[upload.person]}\r\nIdempotency-Key: {upload.key}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(upload.data)}\r\n\r\n"
        )
        try:
            with socket.create_connection((place.hostname, place.port), timeout=PATIENCE) as line:
                line.sendall(head.encode() + upload.data)
        except OSError:
            pass  # the server died before


def _token(yard: Yard, name: str) -> str:
    """That of a new member of the course."""
    yard.person(name)
    with yard.database.write() as session:
        person = session.get_one(models.Person, yard.people[name])
        course = session.scalars(select(models.Course).filter_by(key=COURSE)).one()
        session.add(models.Member(course_id=course.id, person_id=person.id, role=Role.STUDENT, joined_at=now(session)))
        session.flush()
        return tokens.make(session, person, "laptop", [Scope.READ, Scope.SUBMIT], actor=person)
