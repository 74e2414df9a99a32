"""Which kind of thing an answer is, found without ever touching an object of an unknown type.

Even `isinstance` may ask an object for its `__class__`; `type` never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from grader.text import Text

FloatArray = npt.NDArray[np.float64]
Shape = tuple[int, ...]

UNKNOWN = Text("데이터가 아닌 객체", "an object that is not data")

_KINDS: tuple[tuple[type, Text], ...] = (
    (type(None), Text("None", "None")),
    (bool, Text("논릿값(bool)", "a bool")),
    (int, Text("정수(int)", "an int")),
    (float, Text("실수(float)", "a float")),
    (complex, Text("복소수(complex)", "a complex number")),
    (str, Text("문자열(str)", "a string")),
    (bytes, Text("바이트열(bytes)", "bytes")),
    (list, Text("리스트(list)", "a list")),
    (tuple, Text("튜플(tuple)", "a tuple")),
    (dict, Text("딕셔너리(dict)", "a dict")),
    (set, Text("집합(set)", "a set")),
)


def is_number(value: object) -> TypeGuard[float]:
    """A bool, int or float of Python (numpy's float64 is one too)."""
    return issubclass(type(value), (bool, int, float))


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """A list or a tuple."""
    return issubclass(type(value), (list, tuple))


def is_dict(value: object) -> TypeGuard[dict[object, object]]:
    """A dict, or a class made from it."""
    return issubclass(type(value), dict)


def is_array(value: object) -> TypeGuard[npt.ArrayLike]:
    """A numpy array or scalar, or a tensor: what `np.asarray` turns into an array at once."""
    return issubclass(type(value), (np.ndarray, np.generic)) or type(value).__name__ == "Tensor"


def is_atom(value: object) -> bool:
    """None, a string, bytes or a number of Python: safe to compare with `==`."""
    return value is None or issubclass(type(value), (str, bytes, bool, int, float, complex))


def kind(value: object) -> Text:
    """What a person calls it: "a list", "an array of dtype object", "an object that is not data"."""
    if is_array(value) and not is_number(value):
        return array_kind(np.asarray(value))
    return next((words for known, words in _KINDS if issubclass(type(value), known)), UNKNOWN)


def array_kind(values: npt.NDArray[Any]) -> Text:
    """As "an array of dtype complex128"."""
    dtype = f"void{values.dtype.itemsize}" if values.dtype.kind == "V" else str(values.dtype)
    return Text(f"dtype이 {dtype}인 배열", f"an array of dtype {dtype}")
