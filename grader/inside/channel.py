"""Frames over a socket, with a deadline. Used on both sides of the wall."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from grader.inside import codec


class Closed(ConnectionError):
    """The other side hung up."""


class Late(TimeoutError):
    """Nothing complete arrived before the deadline."""


class Channel:
    """One end of a stream socket that carries frames of `codec`."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.received = 0  # bytes, over the life of the channel

    def send(self, value: Any, *, other: Callable[[Any], Any] | None = None, deadline: float | None = None) -> None:
        """Raises codec.Refused before a byte is sent, Closed, or Late."""
        self.send_frame(codec.encode(value, other), deadline)

    def send_frame(self, frame: bytes, deadline: float | None = None) -> None:
        try:
            self._wait_until(deadline)
            self.sock.sendall(frame)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed from error

    def receive(self, deadline: float | None = None) -> Any:
        """The next value. `deadline` is on the clock of time.monotonic. Raises codec.Refused, Closed, Late."""
        header, body = codec.sizes(bytes(self._read(codec.PREFIX.size, deadline)))
        data = self._read(header + body, deadline)
        return codec.decode(data[:header], data[header:])

    def _read(self, count: int, deadline: float | None) -> bytearray:
        """Grows with what arrives: a prefix that announces 64 MB costs the reader nothing."""
        data = bytearray()
        while len(data) < count:
            try:
                self._wait_until(deadline)
                chunk = self.sock.recv(min(count - len(data), 1 << 20))
            except TimeoutError as error:
                raise Late from error
            except OSError as error:
                raise Closed from error
            if not chunk:
                raise Closed
            data += chunk
        self.received += count
        return data

    def _wait_until(self, deadline: float | None) -> None:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        if self.sock.gettimeout() != left:
            self.sock.settimeout(left)

    def close(self) -> None:
        self.sock.close()
