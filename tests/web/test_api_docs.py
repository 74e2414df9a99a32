"""docs/api.md: its commands are run as they stand there, and its tables are whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from web.api import token_of
from web.conftest import Web, notebook
from web.test_client import Line, line

from webapp.problems import KINDS

__all__ = ["line"]
TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|python)((?: [a-z-]+)*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(folder: Path, words: list[str], code: str, **environment: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GRADER_")}
    kept["PATH"] = f"{Path(sys.executable).parent}:{kept['PATH']}"
    kept |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / ".config"), "COLUMNS": "80", **environment}
    done = subprocess.run(
        [*words, code], cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (code, done.stdout, done.stderr)
    return done.stdout


def test_every_command_works_as_it_stands_there(web: Web, line: Line, tmp_path: Path) -> None:
    """What is handed in is mina's latest submission, so that a report is there."""
    (tmp_path / "my.ipynb").write_bytes(notebook("second"))
    (tmp_path / "token.txt").write_text(token_of(web, "mina") + "\n")
    said = ""
    for kind, marks, code in BLOCK.findall(TEXT):
        if "no-test" in marks:
            continue
        here = code.replace("https://grader.example.com", line.address).replace("perceptron", "doubling")
        staff = {"GRADER_TOKEN": token_of(web, "helper")} if "staff" in marks else {}
        if kind == "python":
            mine = {"GRADER_SERVER": line.address, "GRADER_TOKEN": (tmp_path / "token.txt").read_text().strip()}
            said += run(tmp_path, [sys.executable, "-c"], here, **mine)
        else:
            # the score is not full, so that the command of --wait ends with 1
            said += run(tmp_path, ["bash", "-ec"], here.replace("--wait", "--wait || test $? = 1"), **staff)
    assert said.count(web.receipts["mina"][1]) >= 4
    assert (tmp_path / "grades.csv").read_text(encoding="utf-8-sig").count("\n") == 4
    assert (tmp_path / "week2.xlsx").exists()


def test_every_address_is_in_its_table_with_its_scope(web: Web) -> None:
    rows = dict(re.findall(r"^\| `((?:GET|POST) /[^`]*)` \| (\w+) \|", TEXT, re.MULTILINE))
    document = web.app.test_client().get("/api/openapi.json").json
    found = {
        f"{method.upper()} {path.removeprefix('/api/v1')}": one["x-scope"] or "any"
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    assert rows == found


def test_every_problem_is_in_its_table() -> None:
    table = TEXT.split("| problem | code |")[1]
    assert not [kind for kind in KINDS if f"`{kind}`" not in table]
