# What attacks on the channel begin with (`# with: wire`): the worker, its socket, and frames as it writes them.
import gc
import json
import socket
import struct

sock = next(thing for thing in gc.get_objects() if isinstance(thing, socket.socket))
worker = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Worker")


def frame(tree, body=b"", magic=b"NGF1"):
    header = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return struct.pack("!4sII", magic, len(header), len(body)) + header + body


def table(**entries):
    return ["d", *[[name, value] for name, value in entries.items()]]


def answer_all(make):
    """Every question is answered by the bytes of make(id)."""
    worker._op_call = worker._op_get = lambda request: sock.sendall(make(request["id"]))
    worker._op_each = lambda request: [sock.sendall(make(request["id"])) for _ in request["many"]]
