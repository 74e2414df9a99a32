"""Frames over a socket, with a deadline. Used on both sides of the wall."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from typing import Any

from grader.inside import codec

AHEAD = 1 << 14  # bytes that one look at the socket takes, so that a small frame, or many, cost one


class Closed(ConnectionError):
    """The other side hung up."""


class Late(TimeoutError):
    """Nothing complete arrived before the deadline."""


class Channel:
    """One end of a stream socket that carries frames of `codec`."""

    def __init__(self, sock: socket.socket, ahead: int = AHEAD) -> None:
        """`ahead` is 0 for a socket that also carries descriptors: reading past a frame would lose them."""
        self.sock = sock
        self.received = 0  # bytes, over the life of the channel
        self._most, self._ahead = ahead, bytearray()  # what has arrived of the frames to come
        self._readable, self._writable = select.poll(), select.poll()
        self._readable.register(sock, select.POLLIN)
        self._writable.register(sock, select.POLLOUT)

    def send(self, value: Any, *, other: Callable[[Any], Any] | None = None, deadline: float | None = None) -> None:
        """Raises codec.Refused before a byte is sent, Closed, or Late."""
        self.send_frame(codec.encode(value, other), deadline)

    def send_frame(self, frame: bytes, deadline: float | None = None) -> None:
        _left(deadline)
        rest = memoryview(frame)
        while rest:
            try:
                rest = rest[self.sock.send(rest, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                _wait(self._writable, deadline)
            except OSError as error:
                raise Closed from error

    def receive(self, deadline: float | None = None) -> Any:
        """The next value. `deadline` is on the clock of time.monotonic. Raises codec.Refused, Closed, Late."""
        _left(deadline)
        self._fill(codec.PREFIX.size, deadline)
        header, body = codec.sizes(bytes(self._ahead[: codec.PREFIX.size]))
        start, end = codec.PREFIX.size + header, codec.PREFIX.size + header + body
        self._fill(end, deadline)
        data = self._ahead[:end]
        del self._ahead[:end]
        self.received += end
        return codec.decode(data[codec.PREFIX.size : start], data[start:])

    def _fill(self, count: int, deadline: float | None) -> None:
        """Reads until so much lies ahead; a prefix that announces 64 MB costs the reader nothing."""
        while len(self._ahead) < count:
            _wait(self._readable, deadline)
            try:
                wanted = count - len(self._ahead)
                chunk = self.sock.recv(self._most if wanted < self._most else min(wanted, 1 << 20))
            except OSError as error:
                raise Closed from error
            if not chunk:
                raise Closed
            self._ahead += chunk

    def close(self) -> None:
        self.sock.close()


def _wait(ready: select.poll, deadline: float | None) -> None:
    """Raises Late."""
    if not ready.poll(_left(deadline)):
        raise Late


def _left(deadline: float | None) -> float | None:
    """Milliseconds, or None for as long as it takes. Raises Late."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise Late
    return 1000 * left
