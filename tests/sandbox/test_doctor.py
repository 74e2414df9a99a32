from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import bubblewrap, doctor
from grader.sandbox.bubblewrap import Lack
from grader.sandbox.doctor import Finding
from grader.text import Text


def find(name: str) -> Finding:
    return next(finding for finding in doctor.examine() if finding.name == name)


def test_every_finding_is_named_once_and_told_in_both_languages() -> None:
    findings = list(doctor.examine())
    names = [finding.name for finding in findings]
    assert len(set(names)) == len(names)
    assert {"python", "torch", "bubblewrap", "sandbox", "memory", "gpu"} <= set(names)
    assert all(finding.text.ko and finding.text.en for finding in findings)
    assert json.loads(json.dumps([finding.as_json() for finding in findings]))[0]["name"] == "python"


def test_what_lacks_and_is_required_comes_with_a_command() -> None:
    for finding in doctor.examine():
        assert finding.ok or not finding.required or finding.mend


def test_what_is_there_needs_no_mending() -> None:
    assert [finding.name for finding in doctor.examine() if finding.ok and finding.mend] == []


def test_looking_imports_no_torch_and_finds_its_version() -> None:
    look = (
        "import sys\nfrom grader.sandbox import doctor\nfound = {f.name: f.text.en for f in doctor.examine()}\n"
        "assert not {'torch', 'numpy.random', 'matplotlib'} & {m for m in sys.modules if m != 'numpy.random'}\nprint(found['torch'])"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=False)
    assert told.stderr == ""
    assert told.stdout.strip() == importlib.metadata.version("torch")


def test_a_package_that_is_missing_is_mended_by_setup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    finding = find("no-such-package")
    assert (finding.ok, finding.required, finding.mend) == (False, True, "make setup")


def test_without_bubblewrap_both_lines_name_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("bubblewrap", "sandbox"):
        finding = find(name)
        assert (finding.ok, finding.mend) == (False, "sudo apt-get install -y bubblewrap")


def test_a_lack_of_namespaces_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "lacks", lambda: Lack(Text("없음", "none"), "mend it"))
    finding = find("sandbox")
    assert (finding.ok, finding.required, finding.text.en, finding.mend) == (False, True, "none", "mend it")


def test_little_memory_is_advice_and_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "MEMORY_WANTED_MB", 10**9)
    finding = find("memory")
    assert (finding.ok, finding.required) == (False, False)
    assert finding.mend
