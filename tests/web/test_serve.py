"""The real server: it starts, answers, streams, and ends when told to; and the commands beside it."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from web.conftest import PASSWORD, Browser, Web, finish, graded
from web.test_student import run_of
from werkzeug.http import parse_options_header

from grader import cli
from grader.commands import demo
from grader.errors import BadInput
from grader.notebook import MAX_BYTES
from grader.store.database import Home
from grader.store.models import Run, Submission
from webapp import create_app, serving

PATIENCE = 120.0


class Server:
    """A running `grader serve` and how to ask it."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.place = urlsplit(address).netloc
        self.connections: list[http.client.HTTPConnection] = []

    def ask(self, path: str, cookie: str = "", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.place, timeout=PATIENCE)
        self.connections.append(connection)
        connection.request("GET", path, headers={"Cookie": cookie, **headers})
        return connection.getresponse()


@pytest.fixture
def server(web: Web) -> Iterator[Server]:
    with running(web) as found:
        yield found


@contextmanager
def running(web: Web, *more: str) -> Iterator[Server]:
    """`grader serve` on the course, until it is no longer needed."""
    words = [sys.executable, "-m", "grader", "serve", "--port", "0", "--no-worker", "--json", *more]
    process = subprocess.Popen(
        [*words, "--home", str(web.home.folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://[0-9.:]+", line)
    if found is None:
        process.kill()
        raise AssertionError(line + process.communicate()[1])
    server = Server(process, found[0])
    yield server
    for connection in server.connections:
        connection.close()
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_behind_a_proxy_it_knows_who_asks_and_over_what(web: Web) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    with running(web, "--behind-proxy", "--public-url", "https://grader.example") as server:
        assert server.ask("/sign-in", **told).getheader("Strict-Transport-Security")
        assert server.ask("/api", **told, **{"X-Forwarded-Host": "evil.example"}).status == 421
        moved = server.ask("/api", **told, **{"X-Forwarded-Host": "grader.example"})
        assert moved.getheader("Location") == "https://grader.example/api/"
        assert server.ask("/metrics", **told).status == 404  # it is for this machine alone
        assert server.ask("/metrics").status == 200


def test_without_a_proxy_nobody_says_who_asks(server: Server) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = server.ask("/api", **told)
    assert answer.getheader("Strict-Transport-Security") is None
    assert "evil.example" not in (answer.getheader("Location") or "")


def test_browsers_that_keep_their_connections_keep_nobody_out(server: Server) -> None:
    host, _, port = server.place.partition(":")
    with ExitStack() as stack:
        for _ in range(150):
            silent = stack.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE))
            silent.sendall(b"GET /sign-in HTTP/1.1\r\n")
        assert server.ask("/sign-in").status == 200


def test_who_sends_a_file_too_large_is_told_so(web: Web, server: Server) -> None:
    cookie = web.client_as("mina").get_cookie("grader_session")
    assert cookie is not None
    connection = http.client.HTTPConnection(server.place, timeout=PATIENCE)
    server.connections.append(connection)
    headers = {"Cookie": f"grader_session={cookie.value}", "Content-Type": "multipart/form-data; boundary=x"}
    address = "/courses/dl/assignments/doubling/submit?lang=en"
    connection.request("POST", address, body=bytes(MAX_BYTES + 2**20), headers=headers)
    answer = connection.getresponse()
    assert answer.status == 413
    assert "The file is too large: at most 50 MB" in answer.read().decode()


@pytest.mark.parametrize("name", ["과제 1.ipynb", "😀.ipynb", 'a"; filename=b.exe;.ipynb', "é.ipynb"])
def test_a_file_comes_back_whatever_it_is_called(web: Web, server: Server, name: str) -> None:
    """No header of a real server holds a letter beyond Latin-1."""
    with web.database.write() as session:
        row = session.scalars(select(Submission).where(Submission.receipt == web.receipts["mina"][0])).one()
        row.filename = name
    for who, path in (("mina", "file"), ("mina", "executed.ipynb"), ("teacher", "staff/file")):
        cookie = web.client_as(who).get_cookie("grader_session")
        assert cookie is not None
        answer = server.ask(f"/submissions/{row.receipt}/{path}", f"grader_session={cookie.value}")
        assert answer.status == 200
        kind, options = parse_options_header(answer.getheader("Content-Disposition"))
        assert kind == "attachment"
        assert options["filename"] == ("executed-doubling.ipynb" if path.startswith("executed") else name)


def test_it_answers_streams_and_ends_when_told_to(web: Web, server: Server) -> None:
    answer = server.ask("/sign-in")
    assert answer.status == 200
    assert answer.getheader("Server") is None
    answer.close()
    cookie = web.client_as("juno").get_cookie("grader_session")
    assert cookie is not None
    receipt = web.receipts["juno"][1]
    stream = server.ask(f"/submissions/{receipt}/events?lang=en", f"grader_session={cookie.value}")
    assert stream.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    first = b""
    while b"event: news" not in first:
        first += stream.readline()
    assert b"Waiting" in stream.readline()  # at once, while the stream stays open
    with web.database.write() as session:
        finish(session, session.get_one(Run, run_of(web, receipt).id), graded(60))
    rest = stream.read()
    stream.close()
    assert b"event: over" in rest
    begun = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(PATIENCE) == 0
    assert time.monotonic() - begun < 30
    assert "Traceback" not in server.process.communicate()[1]


def test_a_port_that_is_taken_is_told(web: Web, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    port = server.place.partition(":")[2]
    words = [sys.executable, "-m", "grader", "serve", "--no-worker", "--port", port, "--home", str(web.home.folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_invitation_from_the_command_line_works(
    web: Web, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["grader", "user", "invite", "sora@example.com", "--home", str(web.home.folder), "--course", "dl", "--json"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    told = json.loads(capsys.readouterr().out)
    assert (told["email"], told["days"]) == ("sora@example.com", 14)
    browser = web.client_as(None)
    assert browser.send(told["path"], password=PASSWORD, again=PASSWORD).status_code == 303
    assert browser.get("/courses/dl").status_code == 200


def test_the_demo_says_who_can_sign_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without gradings, and with a server that only says that it is ready."""

    def serve(home: Home, *, port: int, ready: Callable[[str], None]) -> None:
        app = create_app(home, testing=True)
        app.test_client_class = Browser
        browser = app.test_client()
        assert isinstance(browser, Browser)
        for email, _ in demo.SIGN_INS:
            assert browser.send("/sign-in", email=email, password=demo.PASSWORD).status_code == 303
            assert browser.get("/courses/demo").status_code == 200
            browser.send("/sign-out")
        app.extensions["grader"].close()
        ready(f"http://127.0.0.1:{port}")

    monkeypatch.setattr(demo, "_wait", lambda *_: None)
    monkeypatch.setattr(serving, "serve", serve)
    words = ["grader", "demo", "--serve", "--port", "8123", "--home", str(tmp_path / "demo"), "--lang", "en"]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    told = capsys.readouterr().out
    assert "http://127.0.0.1:8123" in told
    assert all(f"{email} " in told for email, _ in demo.SIGN_INS)


def test_behind_a_proxy_the_public_address_has_to_be_said(web: Web) -> None:
    with pytest.raises(BadInput, match="--public-url"):
        serving.serve(web.home, port=0, behind_proxy=True)


def test_what_only_this_machine_reaches() -> None:
    assert all(map(serving.is_loopback, ("127.0.0.1", "::1", "localhost", "127.8.8.8")))
    assert not any(map(serving.is_loopback, ("0.0.0.0", "::", "192.168.0.2", "example.com")))
