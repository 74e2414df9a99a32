"""Similar notebooks: copies in any dress are found, work of one's own is not, and what was given does not count."""

from __future__ import annotations

import ast
import builtins
import itertools
import random
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader import likeness, mutants
from grader.assignment import Catalog
from grader.likeness import Prints, Table

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENTS = ("perceptron", "xor-mlp", "regularized-dnn", "lol-gpu")


def written(*sources: str) -> bytes:
    cells = [new_code_cell(source, id=f"c{place}") for place, source in enumerate(sources)]
    return nbformat.writes(new_notebook(cells=[new_markdown_cell("# words", id="m"), *cells])).encode()


def sources_of(notebook: bytes) -> list[str]:
    return [cell.source for cell in nbformat.reads(notebook.decode(), 4).cells if cell.cell_type == "code"]


def catalog() -> Catalog:
    return Catalog(ROOT / "assignments", ROOT / "reference")


def released(key: str) -> frozenset[tuple[str, ...]]:
    return likeness.given_by([(ROOT / "assignments" / key / "notebook.ipynb").read_bytes()])


def works(key: str) -> dict[str, bytes]:
    """The solution and the alternatives, each written on its own."""
    trials = mutants.trials(catalog().load(key))
    kept = [one for one in trials if one.kind in ("reference", "alternative")]
    return {one.name: nbformat.writes(one.notebook.node).encode() for one in kept}


def prints(key: str, notebooks: dict[str, bytes]) -> list[Prints[str]]:
    given = released(key)
    return [Prints(who, likeness.marks(likeness.own_code(data, given))) for who, data in notebooks.items()]


class Renamed(ast.NodeTransformer):
    """Another name for everything that has one."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def other(self, name: str) -> str:
        return name if hasattr(builtins, name) else self.names.setdefault(name, f"other_{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self.other(node.id), node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self.other(node.arg), None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.other(node.name)
        return self.generic_visit(node)


def disguised(notebook: bytes, seed: int = 1) -> bytes:
    """All names changed, all functions in another order, written anew by another hand, in one cell, with remarks."""
    chance, renamed, parts = random.Random(seed), Renamed(), []
    for source in sources_of(notebook):
        plain = "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(("%", "!")))
        parts += [ast.unparse(ast.fix_missing_locations(renamed.visit(one))) for one in ast.parse(plain).body]
    chance.shuffle(parts)
    return written("\n\n# my own idea\n".join(parts))


@pytest.mark.parametrize("key", ASSIGNMENTS)
def test_work_of_ones_own_makes_no_pair(key: str) -> None:
    """No false pair among all solutions and alternatives of the assignment."""
    assert likeness.pairs(prints(key, works(key))) == []


@pytest.mark.parametrize("key", ASSIGNMENTS)
def test_every_copy_in_another_dress_is_found_and_is_the_only_pair(key: str) -> None:
    originals = works(key)
    for name, data in originals.items():
        found = likeness.pairs(prints(key, originals | {"copy": disguised(data)}))
        names = [*originals, "copy"]
        assert [{names[one.left], names[one.right]} for one in found] == [{name, "copy"}], name
        assert found[0].share > 0.7


@pytest.mark.parametrize("key", ["perceptron", "xor-mlp"])
def test_known_wrong_answers_are_all_like_the_solution_they_come_from(key: str) -> None:
    solution = works(key)["reference" if "reference" in works(key) else next(iter(works(key)))]
    found = [one for one in mutants.trials(catalog().load(key)) if one.kind == "mutant"][:12]
    for one in found:
        both = {"solution": solution, one.name: nbformat.writes(one.notebook.node).encode()}
        assert [pair.share > 0.8 for pair in likeness.pairs(prints(key, both))] == [True], one.name


def test_what_everybody_was_given_makes_nobody_alike() -> None:
    given = (ROOT / "assignments/xor-mlp/notebook.ipynb").read_bytes()
    same = {str(n): given for n in range(3)}
    assert [one.tokens for one in prints("xor-mlp", same)] == [0, 0, 0]
    assert likeness.pairs(prints("xor-mlp", same)) == []


def test_one_function_copied_into_work_of_ones_own_is_found() -> None:
    """A passage long enough is worth a look although most of the notebook differs."""
    found = works("regularized-dnn")
    names = list(found)
    long = max(
        (node for source in sources_of(found[names[1]]) for node in _functions(source)),
        key=lambda node: len(ast.unparse(node)),
    )
    stolen = written(*sources_of(found[names[0]]), ast.unparse(Renamed().visit(long)))
    pairs = likeness.pairs(prints("regularized-dnn", {"one": found[names[1]], "other": stolen}))
    assert len(pairs) == 1
    assert max(part.tokens for part in pairs[0].passages) >= likeness.LONG


def _functions(source: str) -> list[ast.FunctionDef]:
    plain = "\n".join(line for line in source.split("\n") if not line.lstrip().startswith(("%", "!")))
    return [node for node in ast.walk(ast.parse(plain)) if isinstance(node, ast.FunctionDef)]


def test_comments_markdown_docstrings_imports_and_layout_do_not_matter() -> None:
    plain = "import numpy as np\ndef f(a, b):\n    return np.exp(a) + b * 2\n"
    other = '%matplotlib inline\nfrom numpy import *\ndef f(\n    x,  # one\n    y,\n):\n    """What it does."""\n'
    other += "    return np.exp(\n        x\n    ) + y * 3;\n"
    assert words(plain) == words(other)
    assert words(plain) != words(plain.replace("np.exp", "np.log"))


def words(source: str) -> list[str]:
    return [token.word for token in likeness.own_code(written(source), frozenset())]


def test_own_attempts_are_not_compared_and_of_two_people_the_closest_are_named() -> None:
    original = works("xor-mlp")
    data = next(iter(original.values()))
    half = written(*sources_of(data)[: len(sources_of(data)) // 2])
    given = released("xor-mlp")
    rows = [("mina", data), ("mina", data), ("juno", half), ("juno", disguised(data))]
    found = likeness.pairs([Prints(who, likeness.marks(likeness.own_code(one, given))) for who, one in rows])
    assert [(one.left, one.right) for one in found] == [(0, 3)]


def test_how_everybody_writes_it_says_nothing() -> None:
    """What nine people wrote alike is nobody's any more; what eight did, may be."""
    data = next(iter(works("perceptron").values()))
    for count, expected in ((likeness.COMMON_PEOPLE, 28), (likeness.COMMON_PEOPLE + 1, 0)):
        assert len(likeness.pairs(prints("perceptron", {str(n): data for n in range(count)}))) == expected


def test_the_passages_are_where_they_stand() -> None:
    data = next(iter(works("xor-mlp").values()))
    copy = disguised(data)
    given = released("xor-mlp")
    left, right = likeness.own_code(data, given), likeness.own_code(copy, given)
    tables = [Table.of(likeness.marks(tokens)) for tokens in (left, right)]
    assert likeness.passages(*tables)
    for part in likeness.passages(*tables):
        assert [one.word for one in left[part.left : part.left + part.tokens]] == [
            one.word for one in right[part.right : part.right + part.tokens]
        ]
        assert likeness.lines(left, part.left, part.tokens)


@pytest.mark.parametrize(
    "source",
    [
        '"""never ends\n' * 400,
        "'" * 200_000,
        "(" * 100_000,
        "\\'" * 100_000,
        "x = 1\n" * 50_000,
        "\0\ud800x",
        "if x:\n  a\n b\n",
        "é" * 10_000 + " 0x 1__2 $?`",
        "f'{" * 5_000,
    ],
)
def test_a_notebook_made_to_be_slow_is_read_in_no_time(source: str) -> None:
    notebook = written(source.encode("utf-8", "ignore").decode())
    start = time.process_time()
    tokens = likeness.own_code(notebook, frozenset())
    found = Table.of(likeness.marks(tokens))
    likeness.passages(found, found)
    assert len(tokens) <= likeness.MOST_TOKENS
    assert time.process_time() - start < 8


@pytest.mark.parametrize("data", [b"", b"no notebook", b"[]", b'{"cells": 3}'])
def test_what_is_no_notebook_has_no_code(data: bytes) -> None:
    assert likeness.own_code(data, frozenset()) == []


@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.slow)])
def test_a_course_of_notebooks_is_compared_quickly(count: int) -> None:
    """Each another mix of the same few functions, so that nearly all have something in common, and one true copy."""
    pools = list(itertools.chain.from_iterable(sources_of(one) for one in works("xor-mlp").values()))
    chance = random.Random(3)
    mixes = [varied(chance.sample(pools, 8), number) for number in range(count)]
    rows = {str(number): written(*mix) for number, mix in enumerate(mixes)}
    rows["copy"] = disguised(rows["17"])
    start = time.process_time()
    found = likeness.pairs(prints("xor-mlp", rows))
    seconds = time.process_time() - start
    names = list(rows)
    assert frozenset({"17", "copy"}) in [frozenset({names[one.left], names[one.right]}) for one in found]
    assert seconds < 30


def varied(sources: Sequence[str], seed: int) -> list[str]:
    """The same in other operators, so that there is something to tell apart."""
    chance = random.Random(seed)
    return ["".join(chance.choice("+-*/") if letter in "+*" and chance.random() < 0.4 else letter for letter in one)
            for one in sources]  # fmt: skip
