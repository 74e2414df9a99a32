"""`grader serve`: the pages, and a worker beside them where there is none.

One process with many threads, which is enough for a course: what takes long is done by workers. Waitress keeps slow
browsers away from the threads.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from types import FrameType

from sqlalchemy import select
from sqlalchemy.orm import Session
from waitress.server import create_server

from grader.course import quizzes
from grader.course.book import book
from grader.errors import BadInput
from grader.store.database import Database, Home
from grader.store.models import Course, Person
from grader.text import Text
from grader.worker import ensure_worker
from webapp import create_app, logs, passwords
from webapp.site import STREAMS

PORT = 8000
THREADS = STREAMS + 8
CONNECTIONS = 800  # open at once; a browser keeps several, and a process may hold 1,024 files
IDLE_S = 60  # after which one that says nothing is closed


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(
    home: Home,
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    workers: Sequence[str] = ("cpu", "gpu"),
    behind_proxy: bool = False,
    public_url: str | None = None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Answers until SIGTERM or Ctrl-C. `ready` is told the address, once it answers; port 0 is any free one. While it
    runs each queue of `workers` has a worker: one process beside it serves those that have none.
    `public_url` is the address that browsers know. To be called in the main thread. Raises BadInput where the port is
    taken, the store cannot be opened, or the proxy's address is not said."""
    if behind_proxy and public_url is None:
        raise BadInput(
            Text(
                "프록시 뒤에서는 사람들이 쓰는 주소도 알려 주세요: --public-url https://grader.example.ac.kr",
                "Behind a proxy, say the address that people use, too: --public-url https://grader.example.ac.kr",
            )
        )
    logs.say_to(sys.stderr, requests=not sys.stderr.isatty())  # a person at a terminal wants no line a request
    app = create_app(home, behind_proxy=behind_proxy, public_url=public_url, names=(host,))
    try:
        most = app.config["MAX_CONTENT_LENGTH"]
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE_S,
            asyncore_use_poll=True,
            ident=None,
            max_request_body_size=2 * most,  # beyond it the connection breaks; up to it a page says what is wrong
            clear_untrusted_proxy_headers=not behind_proxy,  # else who asks, and over what, would never reach us
        )
    except OSError as error:
        raise BadInput(
            Text(
                f"{host}:{port}에서 열 수 없습니다({error.strerror}). 다른 포트를 주세요: --port {port + 1}",
                f"{host}:{port} cannot be opened ({error.strerror}). Choose another port: --port {port + 1}",
            )
        ) from error
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # streams hold threads, and that is no news
    with ExitStack() as stack:
        stack.callback(app.extensions["grader"].close)
        threading.Thread(target=_warm, args=(app.extensions["grader"].database,), name="warm", daemon=True).start()
        if workers:
            stack.enter_context(ensure_worker(home, *workers))
        stack.enter_context(_ends(server))
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{server.effective_port}")
        server.run()


def _warm(database: Database) -> None:
    """Does what takes seconds at first before somebody waits for it: makes the gradebooks, and runs what the generators
    of quizzes load."""
    for what in (_gradebooks, quizzes.warm):
        try:
            with database.read() as session:
                what(session)
        except Exception:  # a generator is anybody's code, and nothing that is asked later depends on this
            logging.getLogger(__name__).warning("the quizzes or gradebooks could not be warmed up", exc_info=True)


def _gradebooks(session: Session) -> int:
    """How many courses there are; from now on the grades of each are kept."""
    return len([book(session, course) for course in session.scalars(select(Course)).all()])


@contextmanager
def _ends(server: object) -> Iterator[None]:
    """SIGTERM ends the server as Ctrl-C does. A second one ends it at once."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise SystemExit(0)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in kept.items():
            signal.signal(one, handler)
        server.close()  # type: ignore[attr-defined]


def set_password(session: Session, person: Person, password: str) -> None:
    """For made-up people alone: everybody else sets their own, by invitation."""
    passwords.set_password(session, person, password, actor="cli")
