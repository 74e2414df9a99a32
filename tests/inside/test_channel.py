from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from grader.inside import codec
from grader.inside.channel import Channel, Closed, Late

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Our end as a channel, the other as a bare socket."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours, theirs:
        yield Channel(ours), theirs


def soon(seconds: float = 0.1) -> float:
    return time.monotonic() + seconds


def test_a_value_crosses_and_its_bytes_are_counted(pair: Pair) -> None:
    channel, other = pair
    frame = codec.encode({"x": [1, 2]})
    other.sendall(frame)
    assert channel.receive(soon(5)) == {"x": [1, 2]}
    assert channel.received == len(frame)


def test_frames_sent_together_arrive_one_by_one(pair: Pair) -> None:
    channel, other = pair
    other.sendall(codec.encode(1) + codec.encode("two") + codec.encode([3]))
    assert [channel.receive(soon(5)) for _ in range(3)] == [1, "two", [3]]


def test_silence_is_late(pair: Pair) -> None:
    started = time.monotonic()
    with pytest.raises(Late):
        pair[0].receive(soon())
    assert time.monotonic() - started < 5


def test_a_deadline_that_has_passed_is_late_at_once(pair: Pair) -> None:
    with pytest.raises(Late):
        pair[0].receive(time.monotonic() - 1)
    with pytest.raises(Late):
        pair[0].send(1, deadline=time.monotonic() - 1)


@pytest.mark.parametrize("length", [1, 11, 12, 20])
def test_part_of_a_frame_is_late(pair: Pair, length: int) -> None:
    channel, other = pair
    other.sendall(codec.encode(list(range(20)))[:length])
    with pytest.raises(Late):
        channel.receive(soon())


def test_a_peer_that_drips_does_not_stretch_the_deadline(pair: Pair) -> None:
    channel, other = pair
    stop = threading.Event()

    def drip() -> None:
        other.sendall(codec.PREFIX.pack(codec.MAGIC, 0, 1 << 20))
        while not stop.wait(0.02):
            other.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(Late):
            channel.receive(soon(0.3))
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("length", [0, 5, 12, 15])
def test_a_peer_that_hangs_up_has_closed(pair: Pair, length: int) -> None:
    channel, other = pair
    other.sendall(codec.encode("some text")[:length])
    other.close()
    with pytest.raises(Closed):
        channel.receive(soon(5))


def test_sending_to_a_peer_that_hung_up_has_closed(pair: Pair) -> None:
    channel, other = pair
    other.close()
    with pytest.raises(Closed):
        channel.send(1, deadline=soon(5))


def test_a_peer_that_never_reads_makes_sending_late(pair: Pair) -> None:
    with pytest.raises(Late):
        pair[0].send(np.zeros(4 << 20), deadline=soon())


def test_what_is_not_data_is_refused_before_a_byte_is_sent(pair: Pair) -> None:
    channel, other = pair
    with pytest.raises(codec.Refused):
        channel.send([1, object()])
    other.setblocking(False)
    with pytest.raises(BlockingIOError):
        other.recv(1)


def test_a_stranger_is_refused_without_reading_on(pair: Pair) -> None:
    channel, other = pair
    other.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with pytest.raises(codec.Refused):
        channel.receive(soon(5))


def test_a_body_that_is_announced_and_never_sent_costs_no_memory(pair: Pair) -> None:
    channel, other = pair
    other.sendall(codec.PREFIX.pack(codec.MAGIC, codec.MAX_HEADER, codec.MAX_BODY) + b"[1")
    tracemalloc.start()
    with pytest.raises(Late):
        channel.receive(soon())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_descriptor_that_is_sent_along_is_dropped(pair: Pair) -> None:
    channel, other = pair
    frame = codec.encode(1)
    with open("/dev/null") as null:
        socket.send_fds(other, [frame], [null.fileno()])
    assert channel.receive(soon(5)) == 1
