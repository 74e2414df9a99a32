"""Functions that leave their arguments alone, and answers that are the same, or not, the second time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from grader.failed import Failed
from grader.suite.checks import words
from grader.suite.checks.kinds import kind
from grader.suite.checks.sameness import Difference, difference, is_data
from grader.text import Text


class Called(Protocol):
    """What a call left behind: its arguments as they are after it."""

    @property
    def args(self) -> tuple[Any, ...]: ...


def unchanged(outcome: Called, before: Sequence[object], *, name: str, parts: Sequence[str] = ()) -> None:
    """The arguments after the call equal those `before` it; `parts` are the arguments' names."""
    if len(outcome.args) != len(before):
        raise ValueError(f"the call had {len(outcome.args)} arguments, and {len(before)} are given")
    for index, (old, new) in enumerate(zip(before, outcome.args, strict=True)):
        place = difference(old, new)
        if place:
            raise Failed(_changed(name, _argument(index, parts, place)), place.detail)


def same(first: object, second: object, *, name: str) -> None:
    """Two answers to one question are equal, to the last bit (NaN equals NaN)."""
    _need_data(first, second, name=name)
    place = difference(first, second)
    if place:
        message = Text(
            f"`{name}`의 결과가 같은 입력에 대해 매번 다릅니다{_at(place).ko}. "
            "난수의 시드, 전역 변수, 학습 모드를 확인하세요.",
            f"`{name}` gives another result for the same input each time{_at(place).en}. "
            "Check the seed of random numbers, global variables, and train or eval mode.",
        )
        raise Failed(message, place.detail)


def different(first: object, second: object, *, name: str, because: Text) -> None:
    """Two answers are not equal; `because` is the whole sentence that says why they should not be."""
    _need_data(first, second, name=name)
    if not difference(first, second):
        message = Text(
            f"`{name}`의 두 결과가 똑같지만 서로 달라야 합니다.",
            f"`{name}` gives the same result twice, where the two should differ.",
        )
        raise Failed(message + because)


def _argument(index: int, parts: Sequence[str], place: Difference) -> Text:
    if index < len(parts):
        named = f"`{parts[index]}{place.path}`"
        return Text(f"인자 {named}의", f"its argument {named}")
    which, path = words.ordinal(index), f" `{place.path}`" if place.path else ""
    return Text(f"{which.ko} 인자{path}의", f"its {which.en} argument{path}")


def _changed(name: str, argument: Text) -> Text:
    return Text(
        f"`{name}` 호출이 {argument.ko} 값을 바꿉니다. "
        "`+=` 같은 제자리 연산 대신 새 배열을 만들거나 `.copy()`를 쓰세요.",
        f"`{name}` changes {argument.en}. Make a new array, or use `.copy()`, in place of operations such as `+=`.",
    )


def _need_data(*answers: object, name: str) -> None:
    for answer in answers:
        if not is_data(answer):
            what = kind(answer)
            raise Failed(
                Text(
                    f"`{name}`의 결과에 데이터가 아닌 것이 있어 비교할 수 없습니다 ({what.ko}).",
                    f"`{name}` holds something that is not data, so it cannot be compared ({what.en}).",
                )
            )


def _at(place: Difference) -> Text:
    return Text(f" (`{place.path}`)", f" (at `{place.path}`)") if place.path else Text("", "")
