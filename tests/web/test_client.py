"""The client and the command line over it: on a real server, on a line that breaks."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from web.api import token_of
from web.conftest import DAY, Web, finish, graded, notebook, person_of
from werkzeug.serving import WSGIRequestHandler, make_server

from grader import cli, client
from grader.client import BadSetting, Connection, Declined, Service, Unreachable, keep
from grader.client import notebook as own
from grader.client.connection import TRIES, address
from grader.commands import remote
from grader.course import submissions, tokens
from grader.course.tokens import Scope
from grader.store.models import Assignment, Audit, Run, Submission


def nothing(seconds: float) -> None:
    """Waits for none."""


class Silent(WSGIRequestHandler):
    def log(self, *_: Any) -> None: ...


@dataclass
class Line:
    """A server on loopback. Of the next requests each is treated as `plan` says: "after" (taken, and the line cut
    before the answer), "before" (cut at once), "half" (cut within the answer), or a status code."""

    app: Any
    plan: list[str | int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        self.headers.append({key: value for key, value in environ.items() if key.startswith("HTTP_")})
        what = self.plan.pop(0) if self.plan else "fine"
        line = environ["werkzeug.socket"]
        if what == "before":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            line.shutdown(socket.SHUT_RDWR)
            return []
        if isinstance(what, int):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start(
                f"{what} No",
                [("Retry-After", "0"), ("Location", "https://elsewhere.example/"), ("Content-Length", "0")],
            )
            return [b""]
        body = b"".join(self.app(environ, start))
        if what == "after":
            line.shutdown(socket.SHUT_RDWR)
            return []
        return [body[: len(body) // 2]] if what == "half" else [body]


@pytest.fixture
def line(web: Web) -> Iterator[Line]:
    found = Line(web.app)
    server = make_server("127.0.0.1", 0, found, threaded=True, request_handler=Silent)
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of nobody; returns where they go."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("GRADER_SERVER", "GRADER_TOKEN", "GRADER_COURSE", "GRADER_EMAIL", "GRADER_HOME", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("grader.client.connection.FIRST_S", 0.001)
    return tmp_path / "config" / "grader" / "tokens.json"


def service(line: Line, web: Web, name: str, *scopes: Scope) -> Service:
    return Service(Connection(line.address, token_of(web, name, *scopes), pause=nothing))


def held(web: Web, name: str) -> list[Submission]:
    with web.database.read() as session:
        return list(session.scalars(select(Submission).filter_by(person_id=person_of(session, name).id)))


# -------------------------------------------------------------------------------------------- a line that breaks


@pytest.mark.parametrize(
    "plan", [["after"], ["before"], ["half"], [503, 502], ["after", 500, "half", "before", "after"]]
)
def test_a_broken_line_submits_once(line: Line, web: Web, plan: list[str | int]) -> None:
    asks, count = service(line, web, "sora"), len(plan)
    line.plan = plan
    received = asks.submit("dl", "doubling", notebook("sora's"), "a.ipynb")
    (row,) = held(web, "sora")
    assert received["receipt"] == row.receipt
    assert len(line.asked) == count + 1
    assert len({one["HTTP_IDEMPOTENCY_KEY"] for one in line.headers}) == 1


def test_the_word_of_an_upload_outlasts_another_upload(line: Line, web: Web) -> None:
    """Between the broken line and the second try something else comes in, so that the bytes alone would not do."""
    second = service(line, web, "sora")

    def meanwhile(_: float) -> None:
        second.submit("dl", "doubling", notebook("meanwhile"), "b.ipynb")

    line.plan = ["after"]
    first = Service(Connection(line.address, token_of(web, "sora"), pause=meanwhile))
    received = first.submit("dl", "doubling", notebook("sora's"), "a.ipynb")
    assert received["duplicate"]
    assert [row.filename for row in held(web, "sora")] == ["a.ipynb", "b.ipynb"]


def test_two_uploads_of_other_bytes_are_two(line: Line, web: Web) -> None:
    asks = service(line, web, "sora")
    for words in ("one", "two"):
        line.plan = ["after"]
        asks.submit("dl", "doubling", notebook(words), "a.ipynb")
    assert len(held(web, "sora")) == 2


def test_a_line_that_stays_broken_is_told(line: Line, web: Web) -> None:
    asks = service(line, web, "sora")
    line.plan = ["before"] * TRIES
    with pytest.raises(Unreachable, match="nothing is submitted twice") as end:
        asks.submit("dl", "doubling", notebook("x"), "a.ipynb")
    assert "두 번 제출되지 않습니다" in end.value.text.ko
    assert len(line.asked) == TRIES
    assert held(web, "sora") == []


def test_who_is_told_to_wait_waits(line: Line, web: Web) -> None:
    waits: list[float] = []
    asks = Service(Connection(line.address, token_of(web, "mina"), pause=waits.append))
    line.plan = [429, 503]
    assert asks.me()["email"] == "mina@example.com"
    assert waits == [0.0, 0.0]


# --------------------------------------------------------------------------------------------- a wrong address


def test_nobody_is_there(web: Web) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        Service(Connection(f"http://127.0.0.1:{port}", "x", pause=nothing)).me()


def test_a_server_that_is_no_grader_is_told(line: Line) -> None:
    def page(_: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("404 Not Found", [("Content-Type", "text/html")])
        return [b"<h1>no</h1>"]

    line.app = page
    with pytest.raises(Unreachable, match="no grader"):
        Service(Connection(line.address, "x", pause=nothing)).me()


def test_a_redirect_takes_the_token_nowhere(line: Line) -> None:
    line.plan = [302]
    with pytest.raises(BadSetting, match=r"elsewhere\.example"):
        Service(Connection(line.address, "x", pause=nothing)).me()
    assert len(line.asked) == 1


def test_a_proxy_of_the_environment_never_sees_the_token(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in many a university's network: what is for this machine would travel in the clear to another one."""
    monkeypatch.setenv("http_proxy", line.address)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(Unreachable):
        Service(Connection("http://127.0.0.1:9", "x", pause=nothing)).me()
    assert line.asked == []


def test_tls_is_not_given_up(line: Line) -> None:
    with pytest.raises(Unreachable):
        Service(Connection(line.address.replace("http:", "https:"), "x", pause=nothing)).me()
    assert line.asked == []


@pytest.mark.parametrize(
    "words", ["http://grader.example.com", "http://192.168.0.2:8000", "http://127.0.0.1.example.com"]
)
def test_plain_http_is_for_this_machine(words: str) -> None:
    with pytest.raises(BadSetting, match="insecure-http"):
        address(words)
    assert address(words, insecure=True) == words


@pytest.mark.parametrize(
    "words",
    [
        "",
        "grader.example.com",
        "ftp://x",
        "https://",
        "https://me:pw@x",
        "https://x/?a=b",
        "https://x:99999",
        "https://x y",
    ],
)
def test_what_is_no_address_is_told(words: str) -> None:
    with pytest.raises(BadSetting, match="no address"):
        address(words)


@pytest.mark.parametrize("words", ["", "a\nX-Evil: 1", "토큰", "x" * 300])
def test_what_cannot_be_a_token_is_not_sent(words: str) -> None:
    with pytest.raises(BadSetting, match="token"):
        Connection("https://x", words)


# ------------------------------------------------------------------------------------------------------ answers


def test_a_token_that_is_no_good_says_what_to_do(line: Line, web: Web) -> None:
    with web.database.write() as session:
        mina = person_of(session, "mina")
        old = tokens.make(session, mina, "old", [Scope.READ], 7, actor="test", at=datetime.now(UTC) - 8 * DAY)
    with pytest.raises(Declined, match="expired") as end:
        Service(Connection(line.address, old)).me()
    assert (end.value.kind, end.value.status) == ("expired-token", 401)
    assert len(line.asked) == 1
    with pytest.raises(Declined, match="'submit'"):
        service(line, web, "mina", Scope.READ).submit("dl", "doubling", b"{}", "a")


def test_an_assignment_or_course_that_is_not_there_names_the_near_one(line: Line, web: Web) -> None:
    asks = service(line, web, "mina")
    with pytest.raises(BadSetting, match="Did you mean 'doubling'"):
        asks.submit("dl", "doublin", b"{}", "a")
    with pytest.raises(BadSetting, match="Known: dl"):
        asks.course("other")
    with pytest.raises(BadSetting, match="26 letters"):
        asks.submission(web.receipts["juno"][0])


def test_waiting_looks_until_it_is_over(line: Line, web: Web) -> None:
    asks = service(line, web, "juno")
    seen: list[str] = []

    def pause(_: float) -> None:
        with web.database.write() as session:
            row = session.scalars(select(Run).join(Submission).filter_by(receipt=web.receipts["juno"][1])).one()
            finish(session, row, graded(60))

    found = asks.wait(web.receipts["juno"][1].lower(), lambda one: seen.append(one["state"]), pause)
    assert (seen, found["score"]) == (["queued", "done"], 80.0)


# ------------------------------------------------------------------------------------------------- kept tokens


def test_a_token_is_kept_for_its_owner_alone(settings: Path) -> None:
    keep.save("https://one.example/", "grt_1")
    keep.save("https://two.example", "grt_2")
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.parent.stat().st_mode) == 0o700
    assert keep.token_of("https://one.example") == "grt_1"
    assert keep.forget("https://one.example")
    assert not keep.forget("https://one.example")
    with pytest.raises(BadSetting, match="grader token save"):
        keep.token_of("https://one.example")
    assert keep.server_of() == "https://two.example"
    settings.chmod(0o644)
    with pytest.raises(BadSetting, match="chmod 600"):
        keep.token_of("https://two.example")


def test_a_token_goes_to_its_own_server_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    keep.save("https://one.example", "grt_1")
    with pytest.raises(BadSetting, match="no token for"):
        keep.token_of("https://one.example.evil.example")
    monkeypatch.setenv("GRADER_TOKEN", "grt_env")
    assert keep.token_of("https://any.example") == "grt_env"


def test_a_damaged_file_is_told(settings: Path) -> None:
    keep.save("https://one.example", "grt_1")
    settings.write_text("{")
    with pytest.raises(BadSetting, match="Remove it"):
        keep.server_of()


# ------------------------------------------------------------------------------------------------ the notebook


def test_it_needs_nothing_but_python() -> None:
    code = (
        "import sys, grader.client; names = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted(names & {'torch', 'numpy', 'flask', 'sqlalchemy', 'httpx', 'requests', 'click', 'IPython', 'pydantic'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_notebook_hands_itself_in(
    line: Line, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bytes are those of mina's last submission, which has a report already."""
    file = tmp_path / "xor.ipynb"
    file.write_bytes(notebook("second"))
    monkeypatch.setattr(sys.modules["__main__"], "__vsc_ipynb_file__", str(file), raising=False)
    client.save_token(line.address, token_of(web, "mina"))
    assert "mina@example.com" in capsys.readouterr().out
    result = client.submit("doubling")
    out = capsys.readouterr().out
    assert web.receipts["mina"][1] in out
    assert "xor.ipynb" in out
    assert (result.score, result.max_score, result.duplicate) == (80.0, 100.0, True)
    assert "80 / 100" in str(result)
    assert "두 배의 값" in str(result)
    assert "Values of double" in str(result)
    assert sorted(one.name for one in tmp_path.iterdir() if one.suffix == ".ipynb") == ["xor.ipynb"]


def test_a_path_will_do_and_waiting_is_not_needed(
    line: Line, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SERVER", line.address)
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, "sora"))
    file = tmp_path / "x.ipynb"
    file.write_bytes(notebook("x"))
    result = client.submit("doubling", file, wait=False)
    assert (result.graded, result.score) == (False, None)
    assert "waiting in the queue" in str(client.status(result.receipt))


def test_jupyter_and_colab_tell_which_notebook_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSetting, match=r"submit\('xor'"):
        own.read(None, "xor")
    (tmp_path / "a.ipynb").write_bytes(b"{}")
    os.utime(tmp_path / "a.ipynb", (1, 1))
    monkeypatch.setenv("JPY_SESSION_NAME", "/elsewhere/a.ipynb")
    found = own.read(None, "xor")
    assert (found.data, found.filename) == (b"{}", "a.ipynb")
    assert found.note is not None
    assert "save it and submit again" in found.note.en
    message = types.SimpleNamespace(blocking_request=lambda *_, **__: {"ipynb": {"cells": ["셀"]}})
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    colab = types.ModuleType("google.colab")
    colab._message = message  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    found = own.read(None, "xor")
    assert (json.loads(found.data), found.filename) == ({"cells": ["셀"]}, "xor.ipynb")


def test_what_is_shown_is_no_markup() -> None:
    check = {"verdict": "failed", "points": 0, "max_points": 1, "hint": None}
    check |= {"title": {"ko": "<b>", "en": "<b>"}, "message": {"ko": "<script>1</script>", "en": "x"}}
    report = {"status": "graded", "score": 0, "max_score": 1, "reason": None, "checks": [check]}
    result = client.Result({"receipt": "<i>"}, report)
    assert "<script>" not in result._repr_html_()
    assert "&lt;b&gt;" in result._repr_html_()
    assert "<i>" not in result._repr_html_()


def test_in_a_notebook_an_error_is_its_paragraph() -> None:
    with pytest.raises(BadSetting) as end:
        keep.server_of()
    (told,) = end.value._render_traceback_()
    assert "save_token" in told
    assert "\n" in told


# ------------------------------------------------------------------------------------------------ the command line


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`grader("submit", ...)`: exit code, what it said, and what it complained of."""

    def call(*words: str | Path, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, words)])
        read, write = os.pipe()
        os.write(write, stdin.encode())
        os.close(write)
        with os.fdopen(read) as given:
            monkeypatch.setattr(sys, "stdin", given)
            with pytest.raises(SystemExit) as end:
                cli.main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


Grader = Callable[..., tuple[int, str, str]]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for words in ("second", "new", "other"):
        (tmp_path / f"{words}.ipynb").write_bytes(notebook(words))
    return tmp_path


def test_submitting_is_the_same_here_and_there(line: Line, web: Web, grader: Grader, files: Path) -> None:
    here = grader(
        "submit",
        "doubling",
        files / "new.ipynb",
        "--as",
        "sora@example.com",
        "--home",
        web.home.folder,
        "--course",
        "dl",
        "--json",
    )
    (files / "token").write_text(token_of(web, "sora") + "\n")
    there = grader(
        "submit", "doubling", files / "other.ipynb", "--server", line.address, "--token-file", files / "token", "--json"
    )
    assert (here[0], there[0]) == (0, 0), (here, there)
    one, other = json.loads(here[1]), json.loads(there[1])
    assert list(one) == list(other)
    assert [type(value) for value in one.values()] == [type(value) for value in other.values()]
    assert one["received_at"][-6:] == other["received_at"][-6:] == "+00:00"
    said = grader(
        "submit", "doubling", files / "other.ipynb", "--server", line.address, "--token-file", files / "token"
    )[1]
    assert "이미 받은 제출" in said
    assert other["receipt"] in said
    assert len(held(web, "sora")) == 2


def test_waiting_shows_the_report_and_its_exit_code(
    line: Line, web: Web, grader: Grader, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, "mina"))
    words = ("submit", "doubling", files / "second.ipynb", "--server", line.address, "--wait")
    code, out, err = grader(*words, "--lang", "en")
    assert code == 1
    assert "80 / 100" in out
    assert "Values of double" in out
    assert "Receipt" in err
    assert "SECRET" not in out
    code, out, _ = grader(*words, "--json")
    told = json.loads(out)
    with web.database.read() as session:
        run = session.scalars(select(Run).join(Submission).filter_by(receipt=web.receipts["mina"][1])).one()
        local = submissions.report_of(session, run).as_json()
    assert code == 1
    assert local.keys() <= told["report"].keys()
    assert told["report"]["score"] == local["score"] == 80


def test_the_report_of_a_server_adds_up(web: Web, line: Line) -> None:
    document = service(line, web, "mina").report(web.receipts["mina"][1])
    report = remote.report_of(document)
    assert (report.score, report.max_score, report.exit_code) == (80.0, 100.0, 1)
    assert sum(check.max_points for check in report.checks[:-1]) == 90


@pytest.mark.parametrize("name", ["mina", "helper"])
def test_status_is_the_same_here_and_there(
    line: Line, web: Web, grader: Grader, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, name))
    receipt = web.receipts["mina"][1]
    here = grader("status", receipt, "--home", web.home.folder, "--json")
    there = grader("status", receipt, "--server", line.address, "--json")
    assert json.loads(here[1]) == json.loads(there[1])
    assert list(json.loads(here[1])) == list(json.loads(there[1]))
    local = json.loads(
        grader("status", "--as", f"{name}@example.com", "--course", "dl", "--home", web.home.folder, "--json")[1]
    )
    far = json.loads(grader("status", "--server", line.address, "--json")[1])
    assert local.keys() == far.keys()
    assert local["submissions"] == far["submissions"]
    assert far["waiting"] == ({"cpu": 1} if name == "helper" else None)
    code, out, _ = grader("status", "--server", line.address, "--lang", "en")
    assert code == 0
    assert ("No worker is alive" in out) is (name == "helper")
    assert (receipt in out) is (name == "mina")


def test_exporting_is_the_same_here_and_there(
    line: Line, web: Web, grader: Grader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, "helper"))
    made = {}
    for where, more in (("here", ("--home", web.home.folder, "--course", "dl")), ("there", ("--server", line.address))):
        (tmp_path / where).mkdir()
        code, out, err = grader("export", "--format", "csv", "--out", tmp_path / where / "g.csv", *more, "--json")
        assert code == 0, err
        made[where] = json.loads(out) | {"made_at": ""}
    assert made["here"] == made["there"]
    assert (tmp_path / "here/g.csv").read_bytes() == (tmp_path / "there/g.csv").read_bytes()
    manifest = json.loads((tmp_path / "there/g.csv.manifest.json").read_text()) | {"made_at": ""}
    assert manifest == made["there"]
    assert stat.S_IMODE((tmp_path / "there/g.csv").stat().st_mode) == 0o600
    code, _, err = grader("export", "--format", "csv", "--out", tmp_path / "there/g.csv", "--server", line.address)
    assert code == 2
    assert "--force" in err
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, "mina"))
    code, _, err = grader("export", "--format", "csv", "--out", tmp_path / "mine.csv", "--server", line.address)
    assert code == 2
    assert "the scope staff" in err
    assert not (tmp_path / "mine.csv").exists()


def test_a_token_is_saved_from_standard_input_and_used(
    line: Line, web: Web, grader: Grader, files: Path, settings: Path
) -> None:
    code, out, err = grader("token", "save", "--server", line.address, stdin=token_of(web, "sora") + "\n")
    assert code == 0, err
    assert "sora@example.com" in out
    assert "grt_" not in out + err
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    assert grader("submit", "doubling", files / "new.ipynb", "--server", line.address)[0] == 0
    code, _, err = grader("token", "save", "--server", line.address, stdin="grt_wrong\n")
    assert code == 2
    assert "There is no such token" in err
    assert grader("token", "forget", "--server", line.address)[0] == 0
    code, _, err = grader("status", "--server", line.address)
    assert code == 2
    assert "grader token save" in err


def test_tokens_can_be_made_where_the_course_is(line: Line, web: Web, grader: Grader) -> None:
    here = ("--home", web.home.folder, "--course", "dl", "--json")
    told = json.loads(
        grader("token", "make", "mina@example.com", "--name", "laptop", "--by", "teacher@example.com", *here)[1]
    )
    assert Service(Connection(line.address, told["token"])).me()["email"] == "mina@example.com"
    (row,) = json.loads(grader("token", "list", "mina@example.com", *here)[1])
    assert (row["name"], row["scopes"]) == ("laptop", ["read", "submit"])
    assert "token" not in row
    assert grader("token", "revoke", "mina@example.com", str(row["id"]), *here)[0] == 0
    assert grader("token", "revoke", "mina@example.com", str(row["id"]), *here)[0] == 2
    with pytest.raises(Declined, match="revoked"):
        Service(Connection(line.address, told["token"])).me()
    assert grader("token", "make", "mina@example.com", "--name", "x", "--scope", "staff", *here)[0] == 2
    with web.database.read() as session:
        lines = session.scalars(select(Audit.actor).where(Audit.action.like("%.token"))).all()
    assert [one.startswith("person:") for one in lines] == [True, False]


def test_nobody_acts_for_somebody_else_on_a_server(
    line: Line, web: Web, grader: Grader, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option says so; a variable for this machine's courses is in nobody's way."""
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, "teacher"))
    words = ("submit", "doubling", files / "new.ipynb", "--server", line.address)
    code, _, err = grader(*words, "--as", "mina@example.com")
    assert code == 2
    assert "--as does not go with --server" in err
    assert line.asked == []
    monkeypatch.setenv("GRADER_EMAIL", "mina@example.com")
    assert grader(*words)[0] == 0
    assert len(held(web, "teacher")) == 1


def test_a_secret_is_not_taken_for_the_name_of_an_upload(grader: Grader, files: Path) -> None:
    code, _, err = grader("submit", "doubling", files / "new.ipynb", "--as", "x@example.com", "--token", "grt_secret")
    assert code == 2
    assert "revoke it" in err
    assert "grt_secret" not in err


def test_a_server_and_a_folder_are_not_both(grader: Grader, files: Path) -> None:
    code, _, err = grader("submit", "doubling", files / "new.ipynb", "--server", "https://x", "--home", files)
    assert code == 2
    assert "--home" in err


def test_what_the_rules_refuse_is_told_with_exit_code_2(
    line: Line, web: Web, grader: Grader, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web.database.write() as session:
        session.query(Assignment).one().opens = datetime(2099, 1, 1, tzinfo=UTC)
    monkeypatch.setenv("GRADER_TOKEN", token_of(web, "sora"))
    code, _, err = grader("submit", "doubling", files / "new.ipynb", "--server", line.address)
    assert code == 2
    assert "2099-01-01" in err
    code, out, _ = grader("submit", "doubling", files / "new.ipynb", "--server", line.address, "--json")
    assert (code, set(json.loads(out)["error"])) == (2, {"ko", "en"})
