"""`make bench-web` on a small course: everything that it asks is there, and everything that it starts ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import web
from bench.results import rewrite
from bench.webcourse import Size


@pytest.mark.slow
def test_a_small_course_is_measured_whole(tmp_path: Path) -> None:
    load = web.Load(turns=2, changes=1, readers=4, pages_each=2, streams=1, uploads=6, seconds=0.2, sign_ins=2)
    report = web.run(tmp_path, Size(people=12, assignments=2, submissions=2, checks=4), load)
    slow = [one for one in report.failures if "p99" not in one]  # a busy machine is no fault
    assert slow == []
    measured = {line.what for line in report.lines}
    assert {"gradebook", "home", "a report", "people", "queue"} <= measured
    assert report.facts["6 uploads"].startswith("6 accepted")
    assert ", 0 lost" in report.facts["6 uploads"]
    words = report.markdown()
    assert "| gradebook | " in words
    assert all(min(line.cpu) >= 0 and line.times for line in report.lines)
    assert [file.name for file in tmp_path.iterdir() if file.is_dir()] == []
    running = [Path(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdecimal()]
    assert not [one for one in running if _says(one, str(tmp_path))]


def _says(file: Path, words: str) -> bool:
    try:
        return words in file.read_text()
    except OSError:
        return False


def test_a_percentile_is_a_time_that_there_was() -> None:
    times = [float(n) for n in range(1, 101)]
    assert (web.percentile(times, 50), web.percentile(times, 95), web.percentile(times, 99)) == (51, 96, 100)
    assert web.percentile([3.0], 95) == 3.0


def test_the_results_of_the_other_benchmark_stay(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    rewrite(file, "# A", "# A\n\nold\n")
    rewrite(file, "# B", "# B\n\nother\n")
    rewrite(file, "# A", "# A\n\nnew\n")
    assert file.read_text() == "# A\n\nnew\n\n# B\n\nother\n"
