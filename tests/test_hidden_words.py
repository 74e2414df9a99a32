"""What a hidden check says: it names the property, and no number of an input or of an expected value.

Messages that could hold one are read from the sources of this repository's suites, so that one that a rare mistake
brings is looked at, too. The numbers themselves belong into `detail`, which hidden checks never show.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUITES = sorted(ROOT.glob("reference/*/hidden_tests/test_*.py")) + sorted(ROOT.glob("reference/*/oracle.py"))
SAYS = ("that", "tip", "Mistake")
# what is in the contract of a function: types, classes of digits, 0, 1 and 2 of formulas
CONTRACT = re.compile(r"float32|int64|0 to 9|0부터 9까지|\b[012]\b|[A-Za-z_][012]\b", re.ASCII)


def messages(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """The Korean and English of what checks say, but for those that measure: their numbers are in the report anyway."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or {"metrics", "curve"} & {one.arg for one in function.args.args}:
            continue
        for call in (node for line in function.body for node in ast.walk(line) if isinstance(node, ast.Call)):
            if ast.unparse(call.func).rpartition(".")[2] in SAYS:
                yield from ((call.lineno, one.value) for one in call.keywords if one.arg in ("ko", "en"))
                yield from ((call.lineno, one) for one in call.args if isinstance(one, ast.JoinedStr))
                yield from ((call.lineno, one) for one in call.args if isinstance(one, ast.Constant))


def tells_a_number(said: ast.expr) -> bool:
    """Whether a number stands in it, or is put into it."""
    parts = [node for node in ast.walk(said) if isinstance(node, ast.FormattedValue)]
    if any(one.format_spec is not None or not isinstance(one.value, ast.Name) for one in parts if _open(one)):
        return True
    words = " ".join(str(node.value) for node in ast.walk(said) if isinstance(node, ast.Constant))
    return bool(re.search(r"\d", CONTRACT.sub("", words)) or re.search(r"\w = \d", words.replace("step(0) = 1", "")))


def _open(part: ast.FormattedValue) -> bool:
    """Names of the oracle, and a choice between two words, are no numbers."""
    return not isinstance(part.value, ast.Attribute | ast.IfExp)


@pytest.mark.parametrize("file", SUITES, ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_a_hidden_check_says_no_number(file: Path) -> None:
    said = list(messages(ast.parse(file.read_text(encoding="utf-8"))))
    assert [(line, ast.unparse(words)) for line, words in said if tells_a_number(words)] == []


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ('"wrong at |z| = 1000"', True),
        ('"it moves although lr = 0"', True),
        ('f"{found:.3g} is too much"', True),
        ('f"with {len(X)} rows"', True),
        ('f"{NAME}: too small"', False),
        ('"the derivative 1 - h**2 is missing"', False),
    ],
)
def test_numbers_are_found(words: str, wrong: bool) -> None:
    assert tells_a_number(ast.parse(words, mode="eval").body) is wrong
