"""The pytest plugin that turns test functions into checks.

It gives tests their fixtures (docs/suites.md lists them), reads the markers, runs what a check needs before the
check, and turns each outcome into a row of the report: `Failed` and a failed assertion are the student's, any
other exception is ours.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from grader.assignment import OwnData
from grader.errors import BadAssignment
from grader.failed import Failed
from grader.ladder import Answers
from grader.misconception import Misconception
from grader.picture import Picture
from grader.report import CheckResult, Metric, Verdict, Visibility
from grader.rpc import Student
from grader.suite.checks.metrics import Curve
from grader.text import Text

MARKERS = (
    "points(n): what the check earns",
    "title(ko=, en=): the line that the student reads",
    "hint(ko=, en=): shown when the check is lost; several make several steps",
    "needs(*names): skipped when one of these groups or checks did not pass",
    "visibility(word): visible, hidden, after_due or secret",
)
PUBLIC = "public_tests"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """A test function, as its markers describe it."""

    id: str
    title: Text
    points: float
    visibility: Visibility
    hint: Text | None
    needs: tuple[str, ...]

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]

    def row(
        self,
        verdict: Verdict,
        message: Text | None = None,
        seconds: float = 0.0,
        earned: float = 0.0,
        misconception: Misconception | None = None,
    ) -> CheckResult:
        """The row of the report; `earned` is the part of the points of a check that did not pass."""
        return CheckResult(
            self.id,
            self.title,
            self.points if verdict is Verdict.PASSED else round(self.points * earned, 2),
            self.points,
            verdict,
            self.visibility,
            message,
            self.hint if verdict is Verdict.FAILED else None,  # a crash is not mended by a hint on the formula
            seconds,
            misconception,
        )


@dataclass
class Metrics:
    """What a test measured, for the report."""

    found: dict[str, Metric] = field(default_factory=dict)

    def record(self, name: str, metric: Metric) -> None:
        self.found[name] = metric


@dataclass
class Pictures:
    """What a test wants drawn, for the report; the last of an id stays."""

    found: dict[str, Picture] = field(default_factory=dict)

    def add(self, picture: Picture) -> None:
        self.found[picture.id] = picture


@dataclass
class Board:
    """What a leaderboard compares: which of its matches were answered rightly. For the store alone."""

    found: Answers | None = None

    def record(self, trainings: Sequence[Sequence[bool]], public: Sequence[bool], draw: str) -> None:
        """What was right in each of several trainings, (n,) each; which matches are the public part, (n,); and a word
        that changes with the matches. The training in the middle of the public part counts."""
        self.found = Answers.of(trainings, public, draw)


@dataclass
class Tips:
    """What a check that passes advises all the same, and the misconception that it shows."""

    found: list[Text] = field(default_factory=list)
    misconception: str | None = None

    def __call__(self, *, ko: str, en: str, misconception: str | None = None) -> None:
        self.found.append(Text(ko, en))
        self.misconception = self.misconception or misconception

    def forget(self) -> None:
        self.found, self.misconception = [], None


@dataclass(frozen=True)
class Given:
    """What tests are given beside the student: where the oracle is, what a metric earns, the misconceptions that
    checks may name, the judge's seeds."""

    oracle: Path | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    misconceptions: Mapping[str, Misconception] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0, 1, 2)
    device: str = "cpu"
    own_data: OwnData | None = None
    only_measured: bool = False  # run no check but those that measure something, whatever they need


class SuitePlugin:
    """One run of one suite."""

    def __init__(
        self,
        student: Student | None,
        given: Given,
        progress: Callable[[CheckResult], None] = lambda row: None,
    ) -> None:
        self.checks: list[Check] = []
        self.rows: dict[str, CheckResult] = {}
        self.measured = Metrics()
        self.drawn = Pictures()
        self.board = Board()
        self._tips = Tips()
        self.faults: list[str] = []  # ours: a suite that cannot be collected, or a test that broke
        self.bad: BadAssignment | None = None  # a suite that is written wrongly; pytest would swallow the exception
        self._given = given
        self._fixtures = _fixtures(student, given, self.measured, self.drawn, self._tips, self.board)
        self._progress = progress

    @property
    def partial(self) -> bool:
        """Whether only some of the checks are run."""
        return self._given.only_measured

    def pytest_configure(self, config: pytest.Config) -> None:
        config.pluginmanager.register(self._fixtures)
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            text = str(report.longrepr)
            log.error("%s cannot be read\n%s", report.nodeid, text)  # it quotes hidden tests: not for the report
            why = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
            self.faults.append(f"{report.nodeid} cannot be read: {why[-1][:200] if why else text[:200]}")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        try:
            items[:] = self._sorted(items)
        except BadAssignment as bad:
            self.bad = bad
            items.clear()

    def _sorted(self, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        by_id: dict[str, pytest.Item] = {}
        for item in items:
            check = _describe(item)
            if check.id in by_id:
                raise _bad(item, f"the check {check.id} exists twice")
            by_id[check.id] = item
            self.checks.append(check)
        self.checks = in_order(self.checks)
        if self._given.only_measured:
            self.checks = [replace(c, needs=()) for c in self.checks if _measures(by_id[c.id])]
        return [by_id[check.id] for check in self.checks]

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._tips.forget()
        if self._given.only_measured:
            return
        missing = [need for need in _describe(item).needs if not self._passed(need)]
        if missing:
            pytest.skip(missing[0])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        check = _describe(item)
        if call.excinfo is not None or call.when == "call":
            row = self._judge(check, call)
            if check.id not in self.rows or row.verdict is Verdict.ERROR:
                self.rows[check.id] = row
                self._progress(row)
        return report

    def _judge(self, check: Check, call: pytest.CallInfo[None]) -> CheckResult:
        error = call.excinfo.value if call.excinfo else None
        if error is None:
            return self._passed_with_tips(check, call.duration)
        if isinstance(error, Failed):
            named = self._named(check, error.misconception)
            return check.row(error.verdict, _said(error, check.visibility), call.duration, error.earned, named)
        if isinstance(error, pytest.skip.Exception):
            return check.row(Verdict.SKIPPED, self._skipped(str(error.msg)))
        if isinstance(error, AssertionError):
            return check.row(Verdict.FAILED, _asserted(error, check.visibility), call.duration)
        log.error("the check %s broke", check.id, exc_info=error)  # its text may hold hidden values
        self.faults.append(f"{check.id} ({type(error).__name__})")
        return check.row(Verdict.ERROR, BROKEN, call.duration)

    def _passed_with_tips(self, check: Check, seconds: float) -> CheckResult:
        tips = Text("\n".join(tip.ko for tip in self._tips.found), "\n".join(tip.en for tip in self._tips.found))
        named = self._named(check, self._tips.misconception)
        return check.row(Verdict.PASSED, tips or None, seconds, misconception=named)

    def _named(self, check: Check, name: str | None) -> Misconception | None:
        """The misconception of that id; a name that nobody explains is a fault of ours."""
        if name is not None and name not in self._given.misconceptions:
            self.faults.append(f"{check.id}: no misconception is called {name}")
        return self._given.misconceptions.get(name) if name is not None else None

    def _passed(self, need: str) -> bool:
        wanted = [check for check in self.checks if need in (check.id, check.group)]
        return all(c.id in self.rows and self.rows[c.id].verdict is Verdict.PASSED for c in wanted)

    def _skipped(self, need: str) -> Text:
        lost = [
            row
            for row in self.rows.values()
            if need in (row.id, row.id.partition(".")[0]) and row.verdict is not Verdict.PASSED
        ]
        told = [row.title for row in lost if row.visibility is not Visibility.SECRET]
        if not told:
            return Text("먼저 통과해야 하는 항목이 있습니다.", "Something else has to pass first.")
        title = told[0]
        return Text(f"먼저 '{title.ko}' 항목을 통과해야 합니다.", f"'{title.en}' has to pass first.")


def _measures(item: pytest.Item) -> bool:
    return "curves" in getattr(item, "fixturenames", ())


def _fixtures(
    student_: Student | None, given: Given, metrics_: Metrics, pictures_: Pictures, tips: Tips, board_: Board
) -> ModuleType:
    """The fixtures of tests, as in a module: pytest 10 takes no method for one that outlives a test."""

    @pytest.fixture(scope="session")
    def student() -> Student:
        """What a test asks; see docs/suites.md."""
        assert student_ is not None
        return student_

    @pytest.fixture(scope="session")
    def oracle() -> ModuleType:
        """The module oracle.py beside the hidden tests."""
        if given.oracle is None:
            raise FileNotFoundError("this suite has no oracle.py")
        return _load(given.oracle)

    @pytest.fixture(scope="session")
    def metrics() -> Metrics:
        """Takes what a test measured."""
        return metrics_

    @pytest.fixture(scope="session")
    def pictures() -> Pictures:
        """Takes what a test wants drawn."""
        return pictures_

    @pytest.fixture(scope="session")
    def board() -> Board:
        """Takes what a leaderboard compares."""
        return board_

    @pytest.fixture
    def tip() -> Tips:
        """Says something to a student whose answer is right all the same."""
        return tips

    @pytest.fixture(scope="session")
    def curves() -> Mapping[str, Curve]:
        """What each metric earns, as calibrated; without a calibration every value earns all."""
        return defaultdict(Curve, given.curves)

    @pytest.fixture(scope="session")
    def seeds() -> tuple[int, ...]:
        """The judge's seeds, for what is trained several times."""
        return given.seeds

    @pytest.fixture(scope="session")
    def device() -> str:
        """What student code is told: "cuda" where there is a GPU, real or simulated, else "cpu"."""
        return given.device

    @pytest.fixture(scope="session")
    def own_data() -> OwnData | None:
        """The data that whoever grades has brought along; None where the notebook is graded on what is shipped."""
        return given.own_data

    holder = ModuleType("grader_fixtures")
    vars(holder).update(student=student, oracle=oracle, device=device, curves=curves, seeds=seeds, own_data=own_data)
    vars(holder).update(metrics=metrics, pictures=pictures, tip=tip, board=board)
    return holder


BROKEN = Text(
    "이 채점 항목 자체에 문제가 있어 점수를 매기지 않았습니다. 여러분의 잘못이 아닙니다.",
    "This check itself is broken, so no score was given. It is not your fault.",
)


def in_order(checks: Sequence[Check]) -> list[Check]:
    """The checks as they came, but visible ones before hidden ones, and each after those that it needs. What a
    visible check shows of a student's words was said before the student's code heard a hidden input. Raises
    BadAssignment."""
    checks = sorted(checks, key=lambda check: check.visibility is not Visibility.VISIBLE)
    done: dict[str, Check] = {}

    def place(check: Check, path: tuple[str, ...]) -> None:
        if check.id in path:
            circle = " -> ".join((*path, check.id))
            raise BadAssignment(Text(f"needs가 서로 물려 있습니다: {circle}", f"needs go in a circle: {circle}"))
        if check.id not in done:
            for need in check.needs:
                for other in _named(need, check, checks):
                    place(other, (*path, check.id))
            done[check.id] = check

    for check in checks:
        place(check, ())
    return list(done.values())


def _named(need: str, check: Check, checks: Sequence[Check]) -> list[Check]:
    """The checks that a need means: one, or all of a group."""
    found = [other for other in checks if need in (other.id, other.group)]
    if not found:
        raise BadAssignment(
            Text(
                f"{check.id}: needs('{need}')라는 항목이 없습니다.",
                f"{check.id}: there is no check or group named by needs('{need}').",
            )
        )
    return found


def _describe(item: pytest.Item) -> Check:
    """The check of a test function, once. Raises BadAssignment for missing or wrong markers."""
    known: Check | None = getattr(item, "_grader_check", None)
    if known is None:
        known = _read_markers(item)
        item._grader_check = known  # type: ignore[attr-defined]
    return known


def _read_markers(item: pytest.Item) -> Check:
    if not isinstance(item, pytest.Function) or item.cls is not None or hasattr(item, "callspec"):
        raise _bad(item, "a check is a plain function: no class and no parametrize, loop inside")
    try:
        return _check(item)
    except (TypeError, ValueError) as error:
        raise _bad(item, f"a marker is written wrongly: {error}") from error


def _check(item: pytest.Item) -> Check:
    points, title = item.get_closest_marker("points"), item.get_closest_marker("title")
    if points is None or len(points.args) != 1 or title is None:
        raise _bad(item, "every test needs points(n) and title(ko=, en=)")
    visibility = item.get_closest_marker("visibility")
    default = Visibility.VISIBLE if item.path.parent.name == PUBLIC else Visibility.HIDDEN
    hints = [Text(**marker.kwargs) for marker in reversed(list(item.iter_markers("hint")))]
    needs = dict.fromkeys(str(name) for marker in item.iter_markers("needs") for name in marker.args)
    group = item.path.stem.removeprefix("test_")
    return Check(
        id=f"{group}.{item.name.removeprefix('test_')}",
        title=Text(**title.kwargs),
        points=float(points.args[0]),
        visibility=Visibility(visibility.args[0]) if visibility else default,
        hint=_joined(hints),
        needs=tuple(needs),
    )


def _joined(hints: Sequence[Text]) -> Text | None:
    """Several hints as steps, a line each."""
    if not hints:
        return None
    return Text("\n".join(hint.ko for hint in hints), "\n".join(hint.en for hint in hints))


def _said(failed: Failed, visibility: Visibility) -> Text:
    shown = visibility is Visibility.VISIBLE and failed.detail is not None
    return failed.message + failed.detail if shown and failed.detail else failed.message


def _asserted(error: AssertionError, visibility: Visibility) -> Text:
    detail = " ".join(str(error).split())[:300] if visibility is Visibility.VISIBLE else ""
    return Text("기대한 조건이 성립하지 않습니다.", "The expected condition does not hold.") + Text(detail, detail)


def _bad(item: pytest.Item, why: str) -> BadAssignment:
    return BadAssignment(Text(f"{item.nodeid}: {why}", f"{item.nodeid}: {why}"))


def _load(file: Path) -> ModuleType:
    """A module by its path, without its folder on sys.path; read again only when it has changed."""
    return _load_version(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _load_version(file: Path, version: int) -> ModuleType:
    name = f"_grader_oracle_{abs(hash((file, version)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
