"""`grader quiz`: with answers from a file, at a terminal, and where there is none."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from click.testing import CliRunner, Result
from quiz.bench import PUBLIC, SECRET, write

from grader.cli import cli
from grader.errors import BadInput
from grader.quiz import practice
from grader.quiz.bank import Bank
from grader.quiz.question import Kind

Run = Callable[..., Result]
TWICE = '[[question]]\nid = "put-in-order"\nkind = "order"\ntopic = "xor"\ndifficulty = 1\nstem.ko = "차례로 놓으세요."\nstem.en = "Put them in order."\nitems = [\n'
TWICE += '{ id = "b", ko = "나", en = "second" }, { id = "a", ko = "가", en = "first" }, { id = "c", ko = "다", en = "third" }]\n'
ORDER = '[put-in-order]\nkey = ["a", "b", "c"]\nexplanation = { ko = "가나다", en = "a b c" }\nhints = [{ ko = "가", en = "a" }]\n'


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return write(tmp_path, PUBLIC + TWICE, SECRET + ORDER)


@pytest.fixture
def run(tmp_path: Path, bank: Bank) -> Run:
    folders = ["--assignments", str(tmp_path / "assignments"), "--reference", str(tmp_path / "reference")]
    return lambda *words, **more: CliRunner().invoke(cli, [*folders, "quiz", *words], **more)


def answers(root: Path, **given: Any) -> str:
    file = root / "answers.json"
    file.write_text(json.dumps({name.replace("_", "-"): value for name, value in given.items()}), encoding="utf-8")
    return str(file)


def test_the_quizzes_are_listed(run: Run) -> None:
    assert re.search(r"demo +4 +.*Demo +3", run("list").output)
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["id"], listed["questions"], listed["variants"], listed["topics"]) == ("demo", 3, 1, ["xor"])


def test_right_answers_from_a_file_earn_everything(run: Run, tmp_path: Path, bank: Bank) -> None:
    _, number, _ = practice.posed(bank, bank.load("demo"), 7)
    file = answers(tmp_path, why_not="line", sum_up=number.key.answer, put_in_order=["a", "b", "c"])
    result = run("take", "demo", "--seed", "7", "--answers", file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.output)
    assert [one["share"] for one in found["questions"]] == [1, 1, 1]
    assert "3 / 3" in run("take", "demo", "--seed", "7", "--answers", file, "--lang", "en").output


def test_other_answers_from_a_file_say_what_they_are(run: Run, tmp_path: Path) -> None:
    file = answers(tmp_path, why_not="curve", sum_up=None, put_in_order=["a", None])
    result = run("take", "demo", "--answers", file, "--json")
    assert result.exit_code == 1
    first, second, third = json.loads(result.output)["questions"]
    assert first["said"] == [{"ko": "곡선이 아닙니다.", "en": "It is not curved."}]
    assert second["share"] is None
    assert "each once" in third["said"][0]["en"]
    assert "0 / 3" in run("take", "demo", "--answers", file).output


@pytest.mark.parametrize("text", ["[1]", "{", "3", "[" * 100_000])
def test_answers_that_are_no_object_are_refused(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    result = run("take", "demo", "--answers", str(tmp_path / "bad.json"))
    assert isinstance(result.exception, BadInput)


def test_a_question_that_there_is_not_is_named(run: Run, tmp_path: Path) -> None:
    result = run("take", "demo", "--answers", answers(tmp_path, why_nott="line"))
    assert isinstance(result.exception, BadInput)
    assert "'why-nott'" in result.exception.text.en


def test_without_a_terminal_nothing_is_asked(run: Run) -> None:
    result = run("take", "demo", input="a\n")
    assert isinstance(result.exception, BadInput)
    assert "--answers" in result.exception.text.en


def test_without_keys_nothing_is_marked(tmp_path: Path, bank: Bank) -> None:
    words = [
        "--assignments",
        str(tmp_path / "assignments"),
        "--reference",
        str(tmp_path / "none"),
        "quiz",
        "take",
        "demo",
    ]
    assert isinstance(CliRunner().invoke(cli, words).exception, BadInput)


def test_lint_says_what_it_found(run: Run, bank: Bank) -> None:
    assert (run("lint").exit_code, run("lint", "--json").output) == (0, "[]\n")
    file = bank.public / "demo.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("difficulty = 2", "difficulty = 9"), encoding="utf-8")
    result = run("lint", "demo", "--lang", "en")
    assert result.exit_code == 1
    assert "1 errors, 0 warnings" in result.output


def test_the_order_shown_is_never_the_answer(bank: Bank) -> None:
    quiz = bank.load("demo")
    for seed in range(40):
        shown = practice.posed(bank, quiz, seed)[2].question
        assert shown.kind is Kind.ORDER
        assert [option.id for option in shown.options] != ["a", "b", "c"]


# at a terminal


@pytest.fixture
def terminal(tmp_path: Path, bank: Bank) -> Iterator[pexpect.spawn]:
    words = ["-m", "grader", "--assignments", str(tmp_path / "assignments"), "--reference", str(tmp_path / "reference")]
    words += ["quiz", "take", "demo", "--seed", "3", "--lang", "en"]
    environment = {**os.environ, "TERM": "dumb", "COLUMNS": "100", "NO_COLOR": "1", "PYTHONWARNINGS": "default"}
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=40, env=environment, dimensions=(50, 100))
    yield child
    child.close(force=True)


def letter(shown: str, words: str) -> str:
    """Before which option it stands."""
    found = re.search(rf"(?m)^\s*(\w)\s+{words}\s*$", shown)
    assert found, shown
    return found[1]


def code(child: pexpect.spawn) -> int:
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def test_a_quiz_at_a_terminal(terminal: pexpect.spawn, bank: Bank) -> None:
    terminal.expect("as in: a: ")
    shown = terminal.before
    assert "x₁" in shown
    assert "Ctrl-D" in shown
    terminal.sendline("?")
    terminal.expect("Think of a ruler")
    terminal.sendline("?")
    terminal.expect("no more hints")
    terminal.sendline("line")  # an id is never typed
    terminal.expect("There is no option 'line'")
    terminal.sendline(letter(shown, "A curve").upper())
    terminal.expect("Not right")
    terminal.expect("It is not curved")
    terminal.expect("It is a line")
    terminal.expect(r"3/4 or 0\.75: ")
    terminal.sendline("many")
    terminal.expect("cannot be read as a number")
    terminal.sendline(str(practice.posed(bank, bank.load("demo"), 3)[1].key.answer))
    terminal.expect("Right")
    terminal.expect("b a c: ")
    letters = "".join(letter(terminal.before, words) for words in ("first", "third", "second"))
    terminal.sendline(letters)
    terminal.expect("Partly right .33%")
    terminal.expect(r"1\.333 / 3")
    assert code(terminal) == 1


def test_skipping_and_ending(terminal: pexpect.spawn) -> None:
    terminal.expect("as in: a: ")
    terminal.sendline("")
    terminal.expect("It is a line")
    terminal.expect(r"0\.75: ")
    terminal.sendeof()
    terminal.expect("0 / 3")
    terminal.expect("Not asked yet: 2")
    assert code(terminal) == 1


# what the answers of a class say


def test_statistics_of_a_file(run: Run, tmp_path: Path) -> None:
    rows = ["person,question,share,seconds,choice"]
    for place in range(60):
        good = place >= 30
        rows.append(f"p{place},why-not,{int(good)},{20 + place},{'line' if good else 'curve'}")
        rows.append(f"p{place},sum-up,{int(place >= 25)},,")
        rows.append(f"p{place},put-in-order,{int(place < 20)},,")
    file = tmp_path / "class.csv"
    file.write_text("\n".join(rows), encoding="utf-8-sig")
    found = json.loads(run("stats", str(file), "--json").output)
    first, _, third = found["questions"]
    assert (found["people"], first["n"], first["difficulty"], first["median_seconds"]) == (60, 60, 0.5, 49.5)
    assert first["choices"]["point"] == {"lower": 0, "middle": 0, "upper": 0}
    assert "Nobody takes point" in first["advice"][0]["en"]
    assert "The key may be wrong" in third["advice"][0]["en"]
    text = run("stats", str(file), "--lang", "en").output
    assert "The key may be wrong" in text
    assert "alpha" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "person,question,share\n",
        "person,question,share\np,q,much\n",
        "person,question,share\np,q,2\n",
        "person,question,share\np\n",
        "person,question,share\np,q,nan\n",
    ],
)
def test_a_file_that_holds_no_answers_is_refused(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    assert isinstance(run("stats", str(tmp_path / "bad.csv")).exception, BadInput)
