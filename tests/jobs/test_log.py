"""Where a background worker's words go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, subprocess, sys
from pathlib import Path
from grader.jobs import log
with log.written_to(Path(sys.argv[1]), most=2000, kept=2):
    for number in range(100):
        print(f"line {number} " + "x" * 40, file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-c", "print('from one that it started')"], check=True)
print("to the terminal again")
"""


def test_the_file_is_turned_over_and_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "worker.log"
    file.touch(mode=0o644)
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "to the terminal again\n"
    found = sorted(tmp_path.iterdir())
    assert [one.name for one in found] == ["worker.log", "worker.log.1", "worker.log.2"]
    assert all(one.stat().st_size <= 2000 for one in found)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().endswith("from one that it started\n")
