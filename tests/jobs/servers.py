"""A PostgreSQL server that can be stopped and started again, and machines that can be cut off from it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import postgres
import psycopg
import pytest

PORT = 54777


class Server:
    """One server of a test, reached through its folder and at the addresses that it is given."""

    def __init__(self, folder: Path, addresses: Sequence[str] = ()) -> None:
        programs = postgres.binaries()
        if programs is None:
            pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
        self.folder = folder
        self._become = postgres._become(folder)
        initdb = [programs / "initdb", "-D", folder / "data", "-U", postgres.USER, "-A", "trust", "--no-sync"]
        postgres._run([*self._become, *initdb, "--locale=C.UTF-8", "-E", "UTF8"], folder)
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.writelines(f"host all all {address.rpartition('.')[0]}.0/24 trust\n" for address in addresses)
        settings = postgres.SETTINGS | {"listen_addresses": ",".join(addresses), "port": str(PORT)}
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self._words = [*self._become, programs / "postgres", "-D", folder / "data", "-k", folder, *words]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._words, cwd=self.folder, stdout=log, stderr=log)
        while self._process.poll() is None:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                continue
            return
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """At once: whoever is connected is cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), port=PORT, user=postgres.USER, dbname=name, autocommit=True)

    def url(self, host: str | None = None) -> str:
        """Of the database `course`."""
        return f"postgresql+psycopg://{postgres.USER}@/course?host={host or self.folder}&port={PORT}"


@contextmanager
def server(addresses: Sequence[str] = ()) -> Iterator[Server]:
    """Runs with an empty database `course`, in a folder that its own user can reach."""
    with tempfile.TemporaryDirectory(prefix="grader-pg-", ignore_cleanup_errors=True) as folder:
        found = Server(Path(folder), addresses)
        found.start()
        try:
            with found.connect("postgres") as connection:
                connection.execute("CREATE DATABASE course")
            connection.close()
            yield found
        finally:
            found.stop()


class Machine:
    """A network of its own with one cable to us. `ours` is our end's address."""

    def __init__(self, number: int) -> None:
        self.name = f"gj{os.getpid() % 100000}{number}"
        self.ours, self.theirs = f"10.213.{number}.1", f"10.213.{number}.2"

    def __enter__(self) -> Machine:
        _ip("netns", "add", self.name)
        self._stack = ExitStack()
        self._stack.callback(_ip, "netns", "del", self.name)
        _ip("link", "add", f"v{self.name}", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _ip("addr", "add", f"{self.ours}/24", "dev", f"v{self.name}")
        _ip("link", "set", f"v{self.name}", "up")
        _ip("-n", self.name, "addr", "add", f"{self.theirs}/24", "dev", "eth0")
        self.cable(True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def cable(self, plugged: bool) -> None:
        """Plugs it in, or pulls it out."""
        _ip("-n", self.name, "link", "set", "eth0", "up" if plugged else "down")

    @property
    def within(self) -> list[str]:
        """What goes before a command to run it there."""
        return ["ip", "netns", "exec", self.name]


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def machines(*numbers: int) -> Iterator[list[Machine]]:
    """So many of them; skips the test where there can be none."""
    if os.getuid() != 0:
        pytest.skip("only root can make networks")
    with ExitStack() as stack:
        try:
            found = [stack.enter_context(Machine(number)) for number in numbers]
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no network can be made here: {error}")
        yield found
