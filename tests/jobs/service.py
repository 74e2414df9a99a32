"""`grader serve` as a service manager runs it: always at the same address, and started again whenever it dies."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from jobs.yard import PATIENCE, Yard


class Service:
    """The server of one yard, without a worker beside it. `up` is set while it answers; `ended` has the codes with
    which it ended."""

    def __init__(self, yard: Yard) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.up = threading.Event()
        self.ended: list[int] = []
        words = [sys.executable, "-P", "-m", "grader", "serve", "--no-worker", "--json", "--port", str(self.port)]
        self._words = [*words, "--home", str(yard.home)]
        self._environment = os.environ | yard.mark | {"GRADER_DATABASE": yard.url}
        self._log = yard.home / "log-serve"
        self._lock = threading.Lock()
        self._over = self._gone = False
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name="service")
        self._keeper.start()

    @property
    def there(self) -> list[int]:
        """Its process, where there is one; it may not answer yet."""
        with self._lock:
            return [self._process.pid] if self._process is not None and self._process.poll() is None else []

    def wait(self) -> None:
        """Until it answers. Raises AssertionError where it never will."""
        there = self.up.wait(PATIENCE) and not self._gone
        assert there, f"the server did not come back; it ended with {self.ended}:\n{self.said()}"

    def kill(self) -> None:
        """At once, wherever it is. To be asked while it is `there`."""
        with self._lock:
            self.up.clear()
            assert self._process is not None
            self._process.kill()
            self._process.wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it for good; its code."""
        with self._lock:
            self._over = True
            if self._process is not None:
                self._process.send_signal(how)
        self._keeper.join(PATIENCE)
        assert not self._keeper.is_alive(), f"the server does not stop:\n{self.said()}"
        return self.ended[-1] if self.ended else 0

    def said(self) -> str:
        return self._log.read_text()[-6000:]

    def _keep(self) -> None:
        try:
            self._start_again()
        finally:
            self._gone = True
            self.up.set()  # nobody needs to wait for it any more

    def _start_again(self) -> None:
        """Only one that was killed: one that ends by itself is no chaos but a defect, and the test is to say so."""
        while not self.ended or self.ended[-1] == -signal.SIGKILL:
            with self._lock, self._log.open("ab") as log:
                if self._over:
                    return
                self._process = subprocess.Popen(self._words, stdout=subprocess.PIPE, stderr=log, env=self._environment)
            with self._process as process:  # reaps it
                if process.stdout is not None and process.stdout.readline():
                    self.up.set()
                process.wait()
                self.up.clear()
            self.ended.append(process.returncode)


def free_port() -> int:
    """One that the kernel gives to no outgoing connection, so that it is still free at the next start."""
    most = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.SystemRandom().sample(range(10_000, most), 100):
        with socket.socket() as line:
            try:
                line.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
