"""`student`, what a test asks: `student.f(x)` runs the student's `f` in the box and returns data.

Whatever goes wrong inside becomes `Failed` with a sentence for the student. `message` never holds what a call
was given or what it said, since a student's exception could carry a hidden input out; `detail` does, and is shown
for visible checks only.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.failed import Failed
from grader.inside.codec import Reference, Tensor
from grader.report import Verdict
from grader.rpc.session import CallEnded, Session, clean
from grader.text import Text

KNOWN_ERRORS = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
) | {"LinAlgError", "AxisError", "OutOfMemoryError", "NoInput"}
BATCH_BYTES = 4 << 20


@dataclass(frozen=True)
class Outcome:
    """What a call returned, its arguments as they are afterwards, and how long it took."""

    value: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seconds: float


class NoAttribute(Failed, AttributeError):
    """The object in the box has no such attribute: `hasattr(handle, name)` is false, and a test that lets it
    through fails as with any other `Failed`."""


class Handle:
    """An object that stays in the box. An attribute is asked for there: data comes back as data, and a method,
    like any other object, as a handle that can be called.

    It is named by how we got it ("build_model(…)"), never by its class: the student could put a hidden input
    into the class's name."""

    def __init__(self, student: Student, number: int, kind: str, generation: int, name: str) -> None:
        self._student, self._number, self._kind, self._generation = student, number, kind, generation
        self._name = name

    def __repr__(self) -> str:
        return f"<{self._name} in the box>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._must_live()
        return self._student._value(["handle", self._number], self._name, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._must_live()
        return self._student._value(["attribute", self._number, name], f"{self._name}.{name}", (), {})

    def _must_live(self) -> None:
        """Numbers start again in a new box, where this one may mean another object."""
        if self._generation != self._student._session.generation:
            raise Failed(LOST, verdict=Verdict.CRASHED)


class Probe:
    """`student.probe.name(...)`: a helper of ours inside, see `grader.inside.probes`."""

    def __init__(self, student: Student) -> None:
        self._student = student

    def __getattr__(self, name: str) -> Any:
        def ask(*args: Any, **kwargs: Any) -> Any:
            return self._student._value(["probe", name], _probed(name, args), args, kwargs)

        return ask


def _probed(name: str, args: tuple[Any, ...]) -> str:
    """What the student knows of the question: the function or the object that it is about."""
    about = args[0] if args else None
    return about if isinstance(about, str) else about._name if isinstance(about, Handle) else name


class Student:
    """The names of one notebook, as functions. `defines` are the contract's signatures, for the sentences."""

    def __init__(
        self, session: Session, defines: Mapping[str, str], cell_lines: Mapping[int, int] | None = None
    ) -> None:
        self._session = session
        self._defines = defines
        self._cell_lines = cell_lines or {}
        self.probe = Probe(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def ask(*args: Any, **kwargs: Any) -> Any:
            return self._value(["name", name], name, args, kwargs)

        return ask

    def call(self, name: str, *args: Any, **kwargs: Any) -> Outcome:
        """Calls `name` and also brings back the arguments as they are after the call."""
        answer = self._ask(["name", name], name, args, kwargs, echo=True)
        after, named = self._in(answer.get("args"), name), self._in(answer.get("kwargs"), name)
        if not isinstance(after, tuple) or len(after) != len(args) or not isinstance(named, dict):
            raise _refused(name)
        seconds = answer.get("seconds")
        return Outcome(answer["value"], after, named, seconds if isinstance(seconds, float) else 0.0)

    def each(self, name: str, many: Sequence[tuple[Any, ...]]) -> list[Any]:
        """One call for each tuple of arguments, sent together; the values in order."""
        values: list[Any] = []
        for batch in _batches([self._out(tuple(args)) for args in many]):
            request = {"op": "each", "target": ["name", name], "many": batch}
            values += [self._checked(a, name)["value"] for a in self._exchange(request, name, len(batch))]
        return values

    def get(self, name: str) -> Any:
        """The value of a global name."""
        [answer] = self._exchange({"op": "get", "name": name}, name, 1)
        return self._checked(answer, name, kept_as=name)["value"]

    def _value(self, target: list[Any], subject: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return self._ask(target, subject, args, kwargs)["value"]

    def _ask(
        self, target: list[Any], subject: str, args: Sequence[Any], kwargs: dict[str, Any], echo: bool = False
    ) -> dict[str, Any]:
        request = {
            "op": "call",
            "target": target,
            "args": self._out(tuple(args)),
            "kwargs": self._out(kwargs),
            "echo": echo,
        }
        [answer] = self._exchange(request, subject, 1)
        return self._checked(answer, subject)

    def _exchange(self, request: dict[str, Any], subject: str, replies: int) -> list[dict[str, Any]]:
        try:
            return self._session.ask(request, subject, replies)
        except CallEnded as ended:
            raise Failed(ended.stop.text, verdict=ended.stop.verdict) from ended

    def _checked(self, answer: dict[str, Any], subject: str, kept_as: str | None = None) -> dict[str, Any]:
        """The answer, if it holds a value; else the sentence that says why not."""
        if "value" in answer:
            return answer | {"value": self._in(answer["value"], kept_as or _given(subject))}
        if "missing" in answer:
            raise self._missing(subject)
        if "uncallable" in answer:
            raise _uncallable(subject)
        if "signature" in answer:
            raise self._signature(subject, clean(answer["signature"]))
        if isinstance(answer.get("raised"), dict):
            raise self._raised(subject, answer["raised"])
        raise _refused(subject)

    def _missing(self, subject: str) -> Failed:
        owner, dot, name = subject.rpartition(".")
        if dot:
            return NoAttribute(
                Text(f"`{owner}`의 결과에 `{name}` 속성이 없습니다.", f"What `{owner}` gave has no attribute `{name}`.")
            )
        contract = self._defines.get(subject, "")
        return Failed(
            Text(
                f"`{subject}{contract}` 정의가 없습니다. 이름을 정확히 쓴 셀이 오류 없이 실행되는지 확인하세요.",
                f"`{subject}{contract}` is not defined. Check its spelling, and that its cell runs without an error.",
            )
        )

    def _signature(self, subject: str, theirs: str) -> Failed:
        contract = self._defines.get(subject)
        wanted = Text(f" `{subject}{contract}`", f" `{subject}{contract}`") if contract else Text("", "")
        return Failed(
            Text(
                f"`{subject}`의 매개변수가 약속과 다릅니다:{wanted.ko} 형태로 정의하세요.",
                f"`{subject}` does not take the agreed arguments: define it as{wanted.en}.",
            ),
            Text(f"지금은 `{subject}{theirs}`입니다.", f"It is `{subject}{theirs}` now."),
        )

    def _raised(self, subject: str, raised: dict[str, Any]) -> Failed:
        if str(raised.get("type")) == "NotImplementedError":
            return Failed(Text(f"`{subject}`가 아직 구현되지 않았습니다.", f"`{subject}` is not implemented yet."))
        kind = clean(raised.get("type"))
        named = Text(kind, kind) if kind in KNOWN_ERRORS else Text("직접 만든 예외", "an exception of its own")
        where = self._place(raised.get("cell"), raised.get("line"))
        return Failed(
            Text(
                f"`{subject}` 실행 중 오류가 났습니다: {named.ko}{where.ko}.",
                f"`{subject}` raised {named.en}{where.en}.",
            ),
            Text(f"{kind}: {clean(raised.get('message'))}", f"{kind}: {clean(raised.get('message'))}"),
        )

    def _place(self, cell: Any, line: Any) -> Text:
        """Where it raised, if that is a place that the notebook has."""
        if type(cell) is not int or type(line) is not int or not 1 <= line <= self._cell_lines.get(cell, 0):
            return Text("", "")
        return Text(f" ({cell + 1}번째 셀, {line}번째 줄)", f" (cell {cell + 1}, line {line})")

    def _out(self, value: Any) -> Any:
        """Handles as references; everything else as it is."""
        if type(value) is np.ndarray:
            return value
        if isinstance(value, Handle):
            value._must_live()
            return Reference(value._number, value._kind)
        if type(value) in (list, tuple):
            return type(value)([self._out(item) for item in value])
        if type(value) is dict:
            return {key: self._out(item) for key, item in value.items()}
        return value

    def _in(self, value: Any, name: str) -> Any:
        """References as handles of that name; everything else as it is."""
        if type(value) is Reference:
            return Handle(self, value.id, value.kind, self._session.generation, name)
        if type(value) in (list, tuple):
            return type(value)([self._in(item, name) for item in value])
        if type(value) is dict:
            return {key: self._in(item, name) for key, item in value.items()}
        return value


LOST = Text(
    "앞선 호출에서 파이썬 프로세스가 끝나 버려서, 그때 만든 객체를 더 이상 쓸 수 없습니다.",
    "The Python process ended in an earlier call, so the object that it had made is lost.",
)


def _given(subject: str) -> str:
    """The name of what a call gave: "build_model(…)"; an attribute keeps its own, "build_model(…).step"."""
    return subject if "." in subject or subject.endswith(")") else f"{subject}(…)"


def _uncallable(subject: str) -> Failed:
    return Failed(
        Text(f"`{subject}`는 함수가 아니라서 호출할 수 없습니다.", f"`{subject}` is not a function.")
        + Text(
            "나중 셀에서 같은 이름에 다른 값을 넣지 않았는지 보세요.",
            "Did a later cell give the name another value?",
        )
    )


def _refused(subject: str) -> Failed:
    return Failed(
        Text(
            f"`{subject}`가 돌려준 값을 읽을 수 없습니다. 수, 문자열, 리스트, 튜플, 딕셔너리, numpy 배열이나 torch "
            "텐서를 64 MB를 넘지 않게 돌려주세요.",
            f"What `{subject}` returned cannot be read. Return numbers, strings, lists, tuples, dicts, numpy arrays "
            "or torch tensors, of at most 64 MB.",
        ),
        verdict=Verdict.REFUSED,
    )


def _batches(many: list[Any]) -> list[list[Any]]:
    """Arguments in groups that fit a frame well. One that is too large for a frame of its own is our fault."""
    batches: list[list[Any]] = []
    room = 0
    for arguments in many:
        size = _size(arguments)
        if size > room:
            batches.append([])
            room = BATCH_BYTES
        batches[-1].append(arguments)
        room -= size
    return batches


def _size(value: Any) -> int:
    """About how many bytes of a frame a value takes; what is no data is found when the frame is made."""
    if isinstance(value, (np.ndarray, Tensor)):
        return 64 + np.asarray(value).nbytes
    if isinstance(value, str):
        return 8 + 4 * len(value)
    if isinstance(value, dict):
        return 8 + sum(_size(key) + _size(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return 8 + sum(map(_size, value))
    return 32
