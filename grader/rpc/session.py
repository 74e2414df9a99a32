"""One notebook in its box: runs the cells, carries calls, and starts again after a crash.

Theory of operation. The box may do anything: hang up, send nonsense, send nothing. Every wait here has a
deadline, every frame is decoded by `grader.inside.codec`, and what does not fit the protocol ends the box. How a
box ended is read from the kernel and from the limits that we watch, never from what it says.

A call that kills its box costs only its own check: the next call forks a new box and runs the notebook again,
at most `RESTARTS` times. A function that has killed its box is not called again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from grader.assignment import Limits
from grader.errors import SandboxFault
from grader.inside.channel import Closed, Late
from grader.inside.codec import Refused, encode
from grader.report import Verdict
from grader.sandbox import Box, Death, Warm
from grader.security import Ending, Ledger
from grader.text import Text

RESTARTS = 4
GRACE = 1.0  # seconds between a limit and the kill, for the reply that is on its way
OUTPUTS_KEPT = 2000  # outputs of one cell
ANSWERS_BYTES = 80 << 20  # all replies to one request together: one of the largest, or many small ones


@dataclass(frozen=True)
class Stop:
    """Why a box ended, in a sentence for the student."""

    verdict: Verdict
    text: Text


class CallEnded(Exception):
    """The box ended, or has no time left, while a call was answered."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.text.en)
        self.stop = stop


@dataclass
class Cell:
    """What became of one code cell: "ok", "error", "killed" or "not_run"."""

    index: int
    source: str
    status: str = "not_run"
    seconds: float = 0.0
    fault: dict[str, Any] | None = None
    outputs: list[dict[str, Any]] = field(default_factory=list)


class Session:
    """Use it as a context manager: leaving ends the box."""

    def __init__(self, warm: Warm, limits: Limits, sources: Sequence[tuple[int, str]]) -> None:
        self.limits = limits
        self.cells = [Cell(index, source) for index, source in sources]
        self.stop: Stop | None = None  # the notebook itself broke a limit: nothing can be asked
        self.generation = 0  # boxes lost so far; a handle of an earlier one is stale
        self.seconds = {"box": 0.0, "notebook": 0.0, "calls": 0.0}
        self.ledger = Ledger()  # complete after the end
        self._warm = warm
        self._box: Box | None = None
        self._kills: dict[str, Stop] = {}
        self._next_id = 0
        self._asked: float | None = None  # when the call that is being answered began

    def __enter__(self) -> Session:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._box is not None:
            if error is None:
                self._ask_noted(self._box)
            self._box.end()
            self.ledger.took(self._box.memory, self._box.processes)

    def run_notebook(self, progress: Callable[[Cell], None] = lambda cell: None) -> None:
        """Runs every cell once, top to bottom; results are in `cells`, and in `stop` if the box died."""
        self._open()
        started = time.monotonic()
        for cell in self._run(self.cells, self.limits.notebook_seconds):
            progress(cell)
        self.seconds["notebook"] = time.monotonic() - started

    def ask(self, request: dict[str, Any], subject: str, replies: int = 1) -> list[dict[str, Any]]:
        """Sends one request and returns its replies. `subject` is what the student reads, such as "forward".
        Raises CallEnded."""
        if self.stop is not None:
            raise CallEnded(self.stop)
        if subject in self._kills:
            raise CallEnded(self._again(subject))
        if self._seconds_left() <= 0:
            raise CallEnded(Stop(Verdict.TIMEOUT, _over_limit("suite_seconds", self.limits.suite_seconds, NO_CALL)))
        with self._clock():
            return self._ask_box(self._living_box(), request, subject, replies)

    def _ask_box(self, box: Box, request: dict[str, Any], subject: str, replies: int) -> list[dict[str, Any]]:
        try:
            return self._exchange(box, request, replies)
        except (Closed, Late, Refused) as problem:
            stop = self._ended(box, problem, subject)
            self._kills[subject] = stop
            raise CallEnded(stop) from problem

    def _exchange(self, box: Box, request: dict[str, Any], replies: int) -> list[dict[str, Any]]:
        self._next_id += 1
        number = self._next_id
        box.channel.send_frame(_frame(request | {"id": number}), self._call_deadline())
        answers = []
        before = box.channel.received
        for _ in range(replies):
            answer = box.channel.receive(self._call_deadline())
            if not isinstance(answer, dict) or not _is(answer.get("id"), number):
                raise Refused("a reply to nothing")
            if box.channel.received - before > ANSWERS_BYTES:
                raise Refused("replies too large together")
            answers.append(answer)
        return answers

    def _ask_noted(self, box: Box) -> None:
        """What calls have tried is asked for once, at the end; no answer costs a second and nothing else."""
        deadline = time.monotonic() + GRACE
        self._next_id += 1
        try:
            box.channel.send({"op": "noted", "id": self._next_id}, deadline=deadline)
            while True:
                answer = box.channel.receive(deadline)
                if not isinstance(answer, dict) or "output" not in answer:  # a thread of the student's may print still
                    break
        except (Closed, Late, Refused):
            answer = None
        self.ledger.hear(answer.get("noted") if isinstance(answer, dict) else None)

    def _call_deadline(self) -> float:
        if self._seconds_left() <= 0:
            raise Late
        return time.monotonic() + min(self.limits.call_seconds, self._seconds_left()) + GRACE

    def _seconds_left(self) -> float:
        asking = 0.0 if self._asked is None else time.monotonic() - self._asked
        return self.limits.suite_seconds - self.seconds["calls"] - asking

    @contextmanager
    def _clock(self) -> Iterator[None]:
        """What happens here counts to the seconds of all calls, also while it happens."""
        self._asked = time.monotonic()
        try:
            yield
        finally:
            self.seconds["calls"] += time.monotonic() - self._asked
            self._asked = None

    def _living_box(self) -> Box:
        """The box, or a new one in which the notebook has run again."""
        if self._box is not None:
            return self._box
        if self.generation > RESTARTS or self._seconds_left() <= 0:
            raise CallEnded(Stop(Verdict.CRASHED, TOO_MANY_CRASHES))
        self._open()
        again = [Cell(cell.index, cell.source) for cell in self.cells]
        for _ in self._run(again, min(self.limits.notebook_seconds, self._seconds_left())):
            pass
        if self.stop is not None:
            raise CallEnded(self.stop)
        assert self._box is not None
        return self._box

    def _open(self) -> None:
        started = time.monotonic()
        self._box = self._warm.fork(self.limits)
        self.seconds["box"] += time.monotonic() - started

    def _run(self, cells: Sequence[Cell], seconds: float) -> Iterator[Cell]:
        deadline = time.monotonic() + seconds
        clock = "suite_seconds" if seconds < self.limits.notebook_seconds else "notebook_seconds"
        for cell in cells:
            box = self._box
            assert box is not None
            try:
                self._run_cell(box, cell, deadline)
            except (Closed, Late, Refused) as problem:
                cell.status = "killed"
                self.stop = self._notebook_ended(box, problem, cell, clock)
                yield cell
                break
            yield cell

    def _run_cell(self, box: Box, cell: Cell, deadline: float) -> None:
        self._next_id += 1
        started = time.monotonic()
        request = {"op": "cell", "id": self._next_id, "index": cell.index, "source": cell.source}
        box.channel.send(request, deadline=deadline)
        try:
            while True:
                before = box.channel.received
                answer = box.channel.receive(deadline)
                box.count_output(box.channel.received - before)
                if self._take(cell, answer):
                    break
        finally:
            cell.seconds = time.monotonic() - started
            _add_raw(cell, box.raw_output())
            _join_streams(cell)
        cell.status = "error" if cell.fault else "ok"

    def _take(self, cell: Cell, answer: Any) -> bool:
        """One message of a running cell; True when it was the last. Raises Refused."""
        if not isinstance(answer, dict):
            raise Refused("a message that is no dict")
        if "output" in answer:
            _add_output(cell, answer["output"])
            return False
        if not _is(answer.get("id"), self._next_id) or not isinstance(answer.get("done"), dict):
            raise Refused("a message that fits nothing")
        if "noted" in answer:
            self.ledger.hear(answer["noted"])
        cell.fault = _fault(answer["done"].get("fault"))
        return True

    def _ended(self, box: Box, problem: Exception, subject: str) -> Stop:
        """The box is gone or must go, during a call."""
        death = self._end(box, problem)
        where = Text(f"`{subject}` 호출 중에", f"during a call of `{subject}`")
        clock = "call_seconds" if self._seconds_left() > self.limits.call_seconds else "suite_seconds"
        return self._explain(death, problem, where, clock, _fatal(death))

    def _notebook_ended(self, box: Box, problem: Exception, cell: Cell, clock: str) -> Stop:
        death = self._end(box, problem)
        number = cell.index + 1
        where = Text(f"{number}번째 셀을 실행하는 중에", f"while cell {number} ran")
        return self._explain(death, problem, where, clock, _how(death))

    def _explain(self, death: Death, problem: Exception, where: Text, clock: str, how: str) -> Stop:
        limit = death.limit or (clock if isinstance(problem, Late) else None)
        if limit is not None:
            self.ledger.endings.append(Ending(limit, getattr(self.limits, limit)))
        elif not isinstance(problem, Refused):
            self.ledger.endings.append(Ending(signal=death.signal, exit=None if death.signal else death.exit))
        return _explain(limit, problem, where, self.limits, how)

    def _end(self, box: Box, problem: Exception) -> Death:
        """How the box ended. Raises SandboxFault where that was our doing."""
        self._box = None
        self.generation += 1
        death = box.died() if isinstance(problem, Closed) else box.end()
        self.ledger.took(box.memory, box.processes)
        if death.lost:
            raise SandboxFault(LOST)
        return death

    def _again(self, subject: str) -> Stop:
        stop = self._kills[subject]
        return Stop(
            stop.verdict,
            stop.text
            + Text(
                f"그래서 `{subject}`는 다시 호출하지 않았습니다.",
                f"So `{subject}` was not called again.",
            ),
        )


NO_CALL = Text("다음 호출을 하기 전에", "before the next call")
LOST = Text(
    "채점을 준비하는 프로세스가 사라져 상자도 함께 끝났습니다. 점수는 매기지 않았습니다. 다시 채점하세요.",
    "The process that grading boxes are made from is gone, and the box with it; no score was given. Grade it again.",
)
TOO_MANY_CRASHES = Text(
    "노트북의 함수들이 채점 상자를 너무 여러 번 멈추게 해서 더 이상 호출하지 않았습니다.",
    "Functions of the notebook ended the grading box too often, so no more was called.",
)

ADVICE = {
    "notebook_seconds": Text(
        "반복 횟수를 줄이거나 끝나지 않는 반복문이 있는지 살펴보세요.",
        "Use fewer iterations, or look for a loop that never ends.",
    ),
    "call_seconds": Text(
        "이 함수에 끝나지 않는 반복문이나 아주 느린 계산이 있는지 살펴보세요.",
        "Look for a loop that never ends or a very slow computation in this function.",
    ),
    "suite_seconds": Text("함수들이 전체적으로 너무 느립니다.", "The functions are too slow as a whole."),
    "memory_mb": Text(
        "아주 큰 배열이나 계속 커지는 리스트를 만들고 있지 않은지 살펴보세요.",
        "Look for a huge array or a list that keeps growing.",
    ),
    "processes": Text(
        "프로세스나 스레드를 많이 만들지 마세요. DataLoader는 num_workers=0이면 충분합니다.",
        "Start fewer processes or threads; a DataLoader does well with num_workers=0.",
    ),
    "disk_mb": Text("파일을 더 적게, 더 작게 쓰세요.", "Write fewer or smaller files."),
    "output_mb": Text(
        "반복문 안의 print를 줄이고 큰 그림은 적게 그리세요.",
        "Print less inside loops and draw fewer large figures.",
    ),
}
UNITS = {
    "notebook_seconds": Text("노트북 실행 시간 {0:g}초", "{0:g} seconds for the notebook"),
    "call_seconds": Text("호출 한 번에 {0:g}초", "{0:g} seconds for one call"),
    "suite_seconds": Text("모든 호출을 합해 {0:g}초", "{0:g} seconds for all calls"),
    "memory_mb": Text("메모리 {0:g} MB", "{0:g} MB of memory"),
    "processes": Text("프로세스와 스레드 {0:g}개", "{0:g} processes and threads"),
    "disk_mb": Text("디스크 {0:g} MB", "{0:g} MB of disk"),
    "output_mb": Text("출력 {0:g} MB", "{0:g} MB of output"),
}


def _frame(request: dict[str, Any]) -> bytes:
    """What a test sends has to be data; if it is not, that is our fault and not the student's."""
    try:
        return encode(request)
    except Refused as error:
        raise TypeError(f"a test sent what is not data: {error}") from error


def _how(death: Death) -> str:
    return f" ({death.signal or f'exit {death.exit}'})"


def _fatal(death: Death) -> str:
    """How a call ended Python, if it is one of the few ways that C code has. An exit status is kept from the
    student, who could put a hidden input into it."""
    return f" ({death.signal})" if death.signal in FATAL else ""


FATAL = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"})


def _explain(limit: str | None, problem: Exception, where: Text, limits: Limits, how: str) -> Stop:
    if limit is not None:
        verdict = Verdict.TIMEOUT if limit.endswith("_seconds") else Verdict.CRASHED
        return Stop(verdict, _over_limit(limit, getattr(limits, limit), where))
    if isinstance(problem, Refused):
        return Stop(
            Verdict.REFUSED,
            Text(
                f"{where.ko} 채점기와의 약속에 맞지 않는 응답이 왔습니다. 값은 수, 문자열, 리스트, 배열처럼 평범한 "
                "데이터여야 하고 64 MB를 넘을 수 없습니다.",
                f"The box sent a reply that breaks the rules of the channel {where.en}. Values must be plain data "
                "such as numbers, strings, lists or arrays, of at most 64 MB.",
            ),
        )
    return Stop(
        Verdict.CRASHED,
        Text(
            f"{where.ko} 파이썬 프로세스가 끝나 버렸습니다{how}. exit()나 os._exit(), 프로세스를 죽이는 코드가 "
            "있는지 살펴보세요.",
            f"The Python process ended {where.en}{how}. Look for exit(), os._exit() or code that kills it.",
        ),
    )


def _over_limit(limit: str, value: float, where: Text) -> Text:
    unit = Text(UNITS[limit].ko.format(value), UNITS[limit].en.format(value))
    return (
        Text(
            f"{where.ko} 한도({unit.ko})를 넘어서 중단했습니다.",
            f"Stopped {where.en}: over the limit of {unit.en}.",
        )
        + ADVICE[limit]
    )


def _is(answer: Any, number: int) -> bool:
    """Asked by type first: what a box sends may be an array, whose `==` is no bool."""
    return type(answer) is int and answer == number


def _fault(data: Any) -> dict[str, Any] | None:
    """The box's word on how a cell raised, as clean fields."""
    if not isinstance(data, dict):
        return None
    whole = {name: data.get(name) if type(data.get(name)) is int else None for name in ("cell", "line")}
    return {"type": clean(data.get("type"), 80), "message": clean(data.get("message"), 2000), **whole}


def clean(text: Any, length: int = 300) -> str:
    """What a box said, short, on one line and printable: no escape sequence and no lone surrogate."""
    return "".join(c if c.isprintable() else " " for c in str(text)[:length])


def _add_output(cell: Cell, output: Any) -> None:
    if not isinstance(output, dict) or type(output.get("output_type")) is not str:
        raise Refused("an output that is no dict of a kind")
    if output["output_type"] == "stream" and not all(type(output.get(key)) is str for key in ("name", "text")):
        raise Refused("a stream that is no text")
    if output.get("output_type") == "clear_output":
        cell.outputs.clear()
        return
    if output.get("output_type") != "stream":
        if len(cell.outputs) < OUTPUTS_KEPT:
            cell.outputs.append(dict(output))
        return
    last = cell.outputs[-1] if cell.outputs else {}
    if last.get("output_type") == "stream" and last.get("name") == output.get("name"):
        last["text"].append(str(output.get("text")))
    elif len(cell.outputs) < OUTPUTS_KEPT:
        cell.outputs.append({**output, "text": [str(output.get("text"))]})


def _join_streams(cell: Cell) -> None:
    """The pieces of each stream as one text, joined once: a notebook may print a million of them."""
    for output in cell.outputs:
        if output.get("output_type") == "stream":
            output["text"] = "".join(output["text"])


def _add_raw(cell: Cell, raw: bytes) -> None:
    """Text that went past sys.stdout, from a subprocess or from C."""
    if raw:
        _add_output(cell, {"output_type": "stream", "name": "stdout", "text": raw.decode("utf-8", "replace")})
