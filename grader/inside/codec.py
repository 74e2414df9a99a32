"""Values as frames of bytes: a whitelist, no pickle, plain arrays built anew.

A frame is a 12-byte prefix (magic, length of the header, length of the body), a JSON header and a body of raw
array buffers. In the header, None, bool, int, float and str stand for themselves and everything else is a list
whose first item is a tag:

    ["l", ...] list    ["t", ...] tuple    ["d", [key, value], ...] dict    ["h", id, kind] handle
    ["a", dtype, shape] array    ["s", dtype] numpy scalar    ["T", dtype, shape, device, requires_grad] tensor

Buffers lie in the body in the order in which the header names them, C order, native bytes. `decode` is the guard
of the judge: it raises `Refused` for anything else, and whatever it returns is data.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"NGF1"
PREFIX = struct.Struct("!4sII")
MAX_HEADER = 8 << 20
MAX_BODY = 64 << 20
MAX_DEPTH = 48
MAX_DIMENSIONS = 32
DTYPES = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    ]
)
NATIVE = {np.dtype(name): name for name in DTYPES}  # dtype.name is slow to ask for, and a swapped dtype is not here
KEYS = (str, int, float, bool, type(None))
PLAIN = frozenset(KEYS)
ITEMSIZE = {name: np.dtype(name).itemsize for name in DTYPES}
_json = json.JSONEncoder(separators=(",", ":"), check_circular=False)


class Refused(ValueError):
    """A frame or a value that is not whitelisted data. The text is for developers, in English."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor as data. Works where numpy wants an array."""

    array: npt.NDArray[Any]
    requires_grad: bool = False
    device: str = "cpu"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.asarray(self.array, dtype=dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.array.shape)


@dataclass(frozen=True)
class Reference:
    """Stands for an object that stays in the box."""

    id: int
    kind: str = "object"


@dataclass
class Encoder:
    """Writes one value. `other` turns what is not whitelisted into something that is, or raises Refused."""

    other: Callable[[Any], Any] | None = None
    buffers: list[npt.NDArray[Any]] = field(default_factory=list)

    def frame(self, value: Any) -> bytes:
        tree = self._tree(value, 0)
        try:
            header = _json.encode(tree).encode()
        except ValueError as error:
            raise Refused("a whole number of thousands of digits") from error
        body = b"".join([buffer.tobytes() for buffer in self.buffers])
        if len(header) > MAX_HEADER or len(body) > MAX_BODY:
            raise Refused(f"too large: {len(header)} + {len(body)} bytes")
        return PREFIX.pack(MAGIC, len(header), len(body)) + header + body

    def _tree(self, value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise Refused("nested too deeply")
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is np.ndarray and value.dtype in NATIVE:
            return ["a", *self._buffer(value)]
        if kind is list or kind is tuple:
            return ["l" if kind is list else "t", *[self._tree(item, depth + 1) for item in value]]
        if kind is dict:
            return ["d", *[[_key(key), self._tree(item, depth + 1)] for key, item in value.items()]]
        if kind is Tensor:
            dtype, shape = self._buffer(value.array)
            return ["T", dtype, shape, value.device, bool(value.requires_grad)]
        if kind is Reference:
            return ["h", value.id, value.kind]
        if isinstance(value, np.generic) and value.dtype.name in DTYPES:
            return ["s", self._buffer(np.asarray(value))[0]]
        if kind is np.ndarray and value.dtype.name in DTYPES:
            return ["a", *self._buffer(value)]
        if self.other is None:
            raise Refused(f"{kind.__name__} is not data")
        return self._tree(self.other(value), depth + 1)

    def _buffer(self, array: npt.NDArray[Any]) -> tuple[str, list[int]]:
        """`tobytes` makes C order of any other; a swapped byte order, or C's long long, is made the plain dtype."""
        if array.dtype not in NATIVE:
            array = array.astype(array.dtype.name)
        self.buffers.append(array)
        return NATIVE[array.dtype], list(array.shape)


def _key(key: Any) -> Any:
    if type(key) in PLAIN:
        return key
    plain = key.item() if isinstance(key, np.generic) else key  # such as the keys of a count of labels
    if not isinstance(plain, KEYS):
        raise Refused(f"a dict key of type {type(key).__name__}")
    return plain


def encode(value: Any, other: Callable[[Any], Any] | None = None) -> bytes:
    """One frame. Raises Refused for what is not data and for what is too large."""
    return Encoder(other).frame(value)


def sizes(prefix: bytes) -> tuple[int, int]:
    """Lengths of header and body, from a frame's first 12 bytes. Raises Refused before anything is read."""
    magic, header, body = PREFIX.unpack(prefix)
    if magic != MAGIC or header > MAX_HEADER or body > MAX_BODY:
        raise Refused("not a frame of ours")
    return header, body


def decode(header: bytes | bytearray, body: bytes | bytearray) -> Any:
    """The value of one frame, every container and array built anew. Raises Refused."""
    try:
        tree = json.loads(str(header, "utf-8"))
        decoder = _Decoder(memoryview(body))
        value = decoder.value(tree, 0)
    except Refused:
        raise
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError, MemoryError) as error:
        raise Refused(f"malformed frame: {type(error).__name__}") from error
    if decoder.offset != len(body):
        raise Refused("bytes left over")
    return value


class _Decoder:
    def __init__(self, body: memoryview) -> None:
        self.body = body
        self.offset = 0

    def value(self, tree: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise Refused("nested too deeply")
        if type(tree) in PLAIN:
            return tree
        if type(tree) is not list or not tree:
            raise Refused("an untagged value")
        tag, *rest = tree
        if tag == "l":
            return [self.value(item, depth + 1) for item in rest]
        if tag == "t":
            return tuple([self.value(item, depth + 1) for item in rest])
        if tag == "d":
            return {self._key(key): self.value(item, depth + 1) for key, item in rest}
        if tag == "a":
            return self._array(*rest)
        if tag == "s":
            return self._array(rest[0], [])[()]
        if tag == "T":
            dtype, shape, device, requires_grad = rest
            return Tensor(self._array(dtype, shape), bool(requires_grad), str(device)[:32])
        if tag == "h":
            return Reference(_whole(rest[0]), str(rest[1])[:80])
        raise Refused("an unknown tag")

    @staticmethod
    def _key(key: Any) -> Any:
        if type(key) not in PLAIN:
            raise Refused("a dict key that is not a scalar")
        return key

    def _array(self, dtype: Any, shape: Any) -> npt.NDArray[Any]:
        if dtype not in DTYPES or not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
            raise Refused("an array of unknown type or shape")
        count = math.prod([_whole(length) for length in shape])
        if math.prod(max(length, 1) for length in shape) > MAX_BODY:
            raise Refused("an array too large, were it not empty")  # or lengths could carry whole messages
        size = count * ITEMSIZE[dtype]
        if size > len(self.body) - self.offset:
            raise Refused("an array larger than its bytes")
        flat = np.frombuffer(self.body, dtype=dtype, count=count, offset=self.offset)
        self.offset += size
        return _plain(flat).reshape(shape)


def _plain(flat: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A writable copy; booleans are made 0 or 1, since a forged byte of 2 is neither true nor false."""
    return flat.view(np.uint8) != 0 if flat.dtype == np.bool_ else flat.copy()


def _whole(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**40:
        raise Refused("a length that is no length")
    return number
