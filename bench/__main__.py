"""`make bench`: measures our grader against two others and against bare Python, and prints what it found.

A full run also writes bench/RESULTS.md. `--quick` leaves the other graders out and writes nothing.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import box, ours, peers
from bench.measure import Cost, middle
from bench.ours import Overhead, Place
from bench.results import TITLE, Results, rewrite

ROOT = Path(__file__).resolve().parent.parent / ".bench"
TURNS = 2
RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    quick = _arguments().quick
    results = Results(quick)
    place = ours.lay_out(ROOT)
    _say("20 warm gradings")
    cells = _warm_gradings(results, ours.overheads(place))
    _say("calls, gradients, memory")
    _calls(results)
    _say("training in the box and in bare Python, in turn")
    _training(results)
    _say(f"a folder of {ours.FOLDER} notebooks, one worker and two, in turn")
    _scaling(results, "quick", ours.light(place), rounds=1 if quick else 2)
    if not quick:
        _say(f"{ours.FOLDER} notebooks of xor-mlp, one worker and two")
        _scaling(results, "xor-mlp", ours.real(ROOT), rounds=1)
    if not quick:
        _compare(results, place, cells)
    text = results.markdown()
    print(text)
    if not quick:
        rewrite(RESULTS, TITLE, text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the other graders; writes no RESULTS.md")
    return parser.parse_args()


def _say(what: str) -> None:
    print(f"... {what}", flush=True)


def _warm_gradings(results: Results, runs: Sequence[Overhead]) -> float:
    """Returns the seconds of the student's own cells."""
    overhead = statistics.median(run.overhead for run in runs)
    results.at_most(f"overhead a notebook, median of {len(runs)} warm runs", overhead, 0.25, " s")
    phases = {
        "the student's cells": [run.cells for run in runs],
        "the fork and its walls": [run.box for run in runs],
        "around the cells": [run.around_cells for run in runs],
        "the suite: pytest and its calls": [run.suite for run in runs],
        "the rest: report, executed copy, end of the box": [run.rest for run in runs],
        "all": [run.total for run in runs],
    }
    results.phases = [(name, f"{statistics.median(taken):.3f}") for name, taken in phases.items()]
    return statistics.median(run.cells for run in runs)


def _calls(results: Results) -> None:
    seconds, torch = ours.help_seconds()
    results.at_most("`grader --help`", seconds, 0.25, " s", ", torch imported" if torch else ", no torch imported")
    for number, (way, a_second) in enumerate(box.calls().items()):
        if number == 0:
            results.at_least(f"calls into the box, 50-element arrays, `{way}`", a_second, 5000, " a second")
        else:
            results.fact(f"the same, `{way}`", f"{a_second:,.0f} a second")
    check, plain = box.gradient_check()
    results.fact(f"`checks.gradient` of {box.PARAMETERS} parameters", f"{check:.0f} ms")
    results.fact(f"central differences of {box.PARAMETERS} parameters, one by one", f"{plain:.0f} ms")
    results.at_most("private memory of a submission that trained XOR", box.private_mb(), 80, " MB")


def _training(results: Results) -> None:
    race = box.training()
    note = f" (the fastest of each: {min(race.boxed):.2f} s against {min(race.bare):.2f} s)"
    results.at_most("training loop in the box against bare Python", race.ratio, 1.05, " times", note)


def _scaling(results: Results, name: str, words: Sequence[str | Path], rounds: int) -> None:
    one, two = ours.scaling(words, rounds)
    note = f" ({one.whole:.1f} s against {two.whole:.1f} s)"
    what = f"2 workers against 1 on {ours.FOLDER} {name} notebooks"
    results.at_least(f"{what}, the command's start included", one.whole / two.whole, 1.8, " times", note)
    note = f" ({one.steady:.3f} s a notebook against {two.steady:.3f} s)"
    results.at_least(f"{what}, once all workers are warm", one.steady / two.steady, 1.8, " times", note)


def _compare(results: Results, place: Place, cells: float) -> None:
    """All graders in turn, so that a busy moment of the machine meets each of them."""
    _say("the other graders are installed, the first time")
    binaries = peers.install(ROOT / "venv")
    results.versions = peers.versions(binaries)
    nbgrader, otter = peers.Nbgrader(binaries, ROOT / "nbgrader"), peers.Otter(binaries, ROOT / "otter")
    ways: dict[str, Callable[[], Cost]] = {
        "ours, a folder": lambda: ours.folder(place),
        "ours, one notebook, cold": lambda: ours.alone(place),
        "nbgrader, a folder": nbgrader.folder,
        "nbgrader, one notebook": nbgrader.alone,
        "otter-grader, one notebook": otter.alone,
    }
    taken: dict[str, list[Cost]] = {name: [] for name in ways}
    for turn in range(TURNS):
        for name, way in ways.items():
            _say(f"the same notebook, turn {turn + 1}: {name}")
            taken[name].append(way())
    costs = {name: middle(each) for name, each in taken.items()}
    folder = costs["ours, a folder"]
    for name, wanted in (("nbgrader, a folder", 20), ("otter-grader, one notebook", 50)):
        other = costs[name]
        note = f" ({other.cpu / folder.cpu:.1f} times the CPU seconds)"
        results.at_least(f"ours, a folder, against {name}", other.wall / folder.wall, wanted, " times", note)
    results.graders = [(name, *_columns(cost, folder, cells)) for name, cost in costs.items()]


def _columns(cost: Cost, against: Cost, cells: float) -> tuple[str, ...]:
    numbers = (f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.peak_mb:.0f}", f"{cost.wall - cells:.2f}")
    return (*numbers, f"{cost.wall / against.wall:.1f}")


if __name__ == "__main__":
    main()
