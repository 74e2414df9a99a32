"""`grader serve` on a free loopback port, and browsers that ask it."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from grader.store.database import Home

PATIENCE_S = 60.0
EDGE = "----bench"


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many milliseconds."""

    status: int
    body: bytes
    ms: float
    location: str = ""

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def receipt(self) -> str:
        """That of the page to which it leads."""
        found = re.search(r"/submissions/([^/]+)/live", self.location)
        return found[1] if found else ""


class Browser:
    """One connection that is kept, with cookies."""

    def __init__(self, place: str, token: str | None) -> None:
        self._connection = http.client.HTTPConnection(place, timeout=PATIENCE_S)
        self._cookies = {"lang": "en"} | ({} if token is None else {"grader_session": token})
        self._form = ""

    def get(self, address: str) -> Answer:
        """Asks for a page."""
        return self._ask("GET", address, None, {})

    def post(self, address: str, fields: Mapping[str, str], notebook: bytes | None = None) -> Answer:
        """Sends a form, with the token of the page that was read last; perhaps with a notebook."""
        fields = {**fields, "csrf_token": self._form}
        if notebook is None:
            kind = "application/x-www-form-urlencoded"
            return self._ask("POST", address, urlencode(fields).encode(), {"Content-Type": kind})
        parts = [f'--{EDGE}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
        file = f'--{EDGE}\r\nContent-Disposition: form-data; name="notebook"; filename="my.ipynb"\r\n\r\n'
        body = "".join([*parts, file]).encode() + notebook + f"\r\n--{EDGE}--\r\n".encode()
        return self._ask("POST", address, body, {"Content-Type": f"multipart/form-data; boundary={EDGE}"})

    def hand_in(self, course: str, assignment: str, notebook: bytes) -> list[Answer]:
        """The form, the upload and its confirmation."""
        base = f"/courses/{course}/assignments/{assignment}"
        steps = [self.get(f"{base}/submit")]
        steps.append(self.post(f"{base}/submit", {}, notebook))
        word = re.search(r'name="upload" value="([^"]+)"', steps[-1].text)
        if word is not None:
            steps.append(self.post(f"{base}/confirm", {"upload": word[1]}))
        return steps

    def close(self) -> None:
        """Ends the connection."""
        self._connection.close()

    def _ask(self, verb: str, address: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        start = time.perf_counter()
        self._connection.request(verb, address, body, {**headers, "Cookie": cookies})
        response = self._connection.getresponse()
        content = response.read()
        taken = (time.perf_counter() - start) * 1000
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        found = re.search(rb'name="csrf_token" value="([^"]+)"', content)
        self._form = found[1].decode() if found else self._form
        return Answer(response.status, content, taken, response.headers.get("Location", ""))


class Server:
    """A running server."""

    def __init__(self, pid: int, place: str) -> None:
        self.pid, self.place = pid, place

    @contextmanager
    def browser(self, token: str | None = None) -> Iterator[Browser]:
        """One that is signed in with that cookie, or nobody's."""
        found = Browser(self.place, token)
        try:
            yield found
        finally:
            found.close()

    def cpu_ms(self) -> float:
        """Of the processor, since its start; of all its threads, to the microsecond."""
        return time.clock_gettime(~self.pid << 3 | 2) * 1000  # how Linux names another process's clock


@contextmanager
def serving(home: Home) -> Iterator[Server]:
    """The real command, without a worker. It has ended afterwards."""
    words = [
        sys.executable,
        "-m",
        "grader",
        "serve",
        "--port",
        "0",
        "--no-worker",
        "--json",
        "--home",
        str(home.folder),
    ]
    with (home.folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://[0-9.:]+", process.stdout.readline())
        if found is None:
            raise RuntimeError((home.folder / "serve.log").read_text())
        yield Server(process.pid, urlsplit(found[0]).netloc)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
