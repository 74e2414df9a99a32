"""Answers of several parts: a tuple to unpack, a dict with given keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.failed import Failed
from grader.suite.checks.kinds import is_atom, is_dict, is_sequence, kind
from grader.suite.checks.words import literal, quoted
from grader.text import Text


@dataclass(frozen=True)
class Part:
    """One part of an answer and the name by which the student knows it, such as `backward(...)["W1"]`."""

    value: object
    name: str


def unpack(got: object, n: int, *, name: str, parts: Sequence[str] = ()) -> tuple[Any, ...]:
    """A tuple or list of `n` things, returned as a tuple; `parts` are their names, for the sentence."""
    wanted = _wanted(n, parts)
    if not is_sequence(got):
        raise Failed(_wrong_kind(got, name, wanted))
    if len(got) != n:
        message = Text(
            f"`{name}`의 값은 {wanted.ko} 형태여야 하는데, 개수가 다릅니다.",
            f"`{name}` needs to be {wanted.en}; it has another length.",
        )
        raise Failed(message, _counts(n, len(got)))
    return tuple(got)


def mapping(got: object, keys: Iterable[str], *, name: str) -> dict[str, Any]:
    """A dict with just these keys, in any order; returned in the order of `keys`."""
    wanted = list(keys)
    if not is_dict(got):
        listed = quoted(wanted)
        a_dict = Text(f"키가 {listed}인 딕셔너리(dict)", f"a dict with the keys {listed}")
        raise Failed(_wrong_kind(got, name, a_dict))
    found = {key: value for key, value in got.items() if type(key) is str}
    missing = [key for key in wanted if key not in found]
    extra = [_key(key) for key in got if not _among(key, wanted)]
    if missing or extra:
        raise _wrong_keys(name, missing, extra)
    return {key: found[key] for key in wanted}


def label_parts(whole: Mapping[str, Any] | Sequence[Any], parts: Sequence[str] = ()) -> dict[str, Any]:
    """Our own dict, or tuple, as a dict by part name. Raises `TypeError` (ours) for anything else."""
    if isinstance(whole, Mapping):
        return dict(whole)
    if not isinstance(whole, (tuple, list)):
        raise TypeError(f"a dict or a tuple of parts is needed, not {type(whole).__name__}")
    return dict(zip(_labels(len(whole), parts), whole, strict=True))


def split(
    got: object, like: Mapping[str, Any] | Sequence[Any], *, name: str, parts: Sequence[str] = ()
) -> dict[str, Part]:
    """The parts of an answer that should have the structure of `like`, by part name."""
    if isinstance(like, Mapping):
        found = mapping(got, list(like), name=name)
        return {key: Part(value, f'{name}["{key}"]') for key, value in found.items()}
    values = unpack(got, len(like), name=name, parts=parts)
    named = [Part(value, f"{name}[{index}]") for index, value in enumerate(values)]
    return dict(zip(_labels(len(like), parts), named, strict=True))


def _labels(n: int, parts: Sequence[str]) -> list[str]:
    if parts and len(parts) != n:
        raise ValueError(f"{n} parts have {len(parts)} names")
    return list(parts) or [str(index) for index in range(n)]


def _wanted(n: int, parts: Sequence[str]) -> Text:
    if parts:
        listed = ", ".join(parts)
        return Text(f"튜플 `({listed})`", f"the tuple `({listed})`")
    return Text(f"길이 {n}의 튜플", f"a tuple of length {n}")


def _wrong_kind(got: object, name: str, wanted: Text) -> Text:
    what = kind(got)
    message = Text(
        f"`{name}`의 값은 {wanted.ko} 형태여야 하는데, {what.ko}입니다.",
        f"`{name}` needs to be {wanted.en}; it is {what.en}.",
    )
    if got is None:
        message += Text("`return`을 빠뜨리지 않았는지 확인하세요.", "Check that a `return` is not missing.")
    return message


def _counts(expected: int, got: int) -> Text:
    return Text(f"기대한 개수 {expected}, 받은 개수 {got}", f"expected {expected}, got {got}")


def _key(key: object) -> str:
    """A key as the student wrote it; of what is not plain data only the kind."""
    if type(key) is str:
        return key
    return literal(key) if is_atom(key) else kind(key).en


def _among(key: object, wanted: Sequence[str]) -> bool:
    return type(key) is str and key in wanted


def _wrong_keys(name: str, missing: Sequence[str], extra: Sequence[str]) -> Failed:
    """Keys of the student's own are for the detail: they could carry a hidden input out."""
    message = Text(f"`{name}`의 키(key)가 맞지 않습니다.", f"`{name}` has the wrong keys.")
    if missing:
        message += Text(f"빠진 키: {quoted(missing)}.", f"Missing: {quoted(missing)}.")
    if {key.lower() for key in missing} & {key.lower() for key in extra}:
        message += Text("대소문자를 확인하세요.", "Check upper and lower case.")
    if not missing:
        message += Text("없어야 할 키가 있습니다.", "There are keys that do not belong there.")
    detail = Text(f"없어야 할 키: {quoted(extra)}.", f"Not wanted: {quoted(extra)}.") if extra else None
    return Failed(message, detail)
