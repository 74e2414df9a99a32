"""Who may import whom, what may not be used at all, and that every public name says what it is."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import grader

ROOT = Path(grader.__file__).resolve().parent
FILES = sorted(ROOT.rglob("*.py"))
LEAVES = {"grader.text": set(), "grader.errors": {"grader.text"}, "grader.picture": {"grader.text"}}
LEAVES |= {"grader.misconception": {"grader.text", "grader.errors"}}
LEAVES |= {"grader.ladder": set()}
LEAVES |= {"grader.security": set()}
LEAVES |= {
    "grader.report": {"grader.text", "grader.picture", "grader.misconception", "grader.ladder", "grader.security"}
}
LEAVES |= {"grader.failed": {"grader.text", "grader.report"}, "grader.words": {"grader.text", "grader.report"}}
# what a part may import besides itself and the leaves; a name stands for its package as well
ALLOWED = {
    "grader.inside": set(),
    "grader.assignment": set(),
    "grader.files": set(),
    "grader.sandbox": {"grader.inside", "grader.assignment"},
    "grader.rpc": {"grader.sandbox", "grader.inside", "grader.assignment"},
    "grader.suite": {"grader.rpc", "grader.inside", "grader.assignment"},
    "grader.notebook": {"grader.assignment"},
    "grader.release": {"grader.notebook", "grader.assignment", "grader.files"},
    "grader.executed": {"grader.rpc"},
    "grader.quiz": {"grader.assignment", "grader.notebook", "grader.pipeline", "grader.sandbox"},
    "grader.store": set(),
    "grader.course.policy": set(),
    "grader.course.grades": {"grader.course.policy", "grader.store"},
    "grader.likeness": {"grader.notebook", "grader.assignment"},
    "grader.course": {
        *("grader.store", "grader.assignment", "grader.suite", "grader.notebook", "grader.mutants"),
        *("grader.likeness", "grader.quiz"),
    },
    "grader.jobs": {
        "grader.store",
        "grader.course",
        "grader.pool",
        "grader.pipeline",
        "grader.child",
        "grader.assignment",
    },
}
# what is made of the core, and the core does not know
ABOVE = ("grader.store", "grader.course", "grader.jobs", "grader.worker", "grader.commands", "grader.quiz")
DOORS = ("grader.cli", "grader.__main__", "grader.child")


def name_of(file: Path) -> str:
    parts = ("grader", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(file: Path) -> Iterator[str]:
    """Dotted names of all imports, `from grader import text` as "grader.text", wherever in the file they stand."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            assert node.module is not None
            yield from ([f"grader.{alias.name}" for alias in node.names] if node.module == "grader" else [node.module])


def ours(file: Path) -> set[str]:
    names = {name for name in imported(file) if name.partition(".")[0] == "grader"}
    return names - {"grader", "grader.__version__"}


def within(name: str, *parts: str) -> bool:
    return any(name == part or name.startswith(part + ".") for part in parts)


@pytest.mark.parametrize("name", LEAVES)
def test_leaves_import_nothing_of_ours_but_leaves(name: str) -> None:
    assert ours(ROOT / f"{name.partition('.')[2]}.py") <= LEAVES[name]


@pytest.mark.parametrize("part", ALLOWED)
def test_imports_point_one_way(part: str) -> None:
    leaves = () if part == "grader.inside" else tuple(LEAVES)
    for file in FILES:
        if within(name_of(file), part):
            wrong = {name for name in ours(file) if not within(name, part, *leaves, *ALLOWED[part])}
            assert not wrong, f"{name_of(file)} imports {wrong}"


def test_the_core_knows_no_course() -> None:
    for file in FILES:
        if not within(name_of(file), *ABOVE, *DOORS):
            wrong = {name for name in ours(file) if within(name, *ABOVE)}
            assert not wrong, f"{name_of(file)} imports {wrong}"


def test_of_the_quizzes_only_cells_know_the_box() -> None:
    core = tuple(ALLOWED["grader.quiz"])
    knows = {name_of(file) for file in FILES if any(within(name, *core) for name in ours(file))}
    assert {name for name in knows if within(name, "grader.quiz")} == {"grader.quiz.cell"}


def test_nothing_imports_the_command_line_but_its_door() -> None:
    assert {name_of(file) for file in FILES if "grader.cli" in ours(file)} == {"grader.__main__"}


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_the_core_knows_no_web_and_no_pickle(file: Path) -> None:
    banned = {"webapp", "flask", "werkzeug", "pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "cloudpickle"}
    assert not banned & {name.partition(".")[0] for name in imported(file)}


@pytest.mark.parametrize("file", [f for f in FILES if not within(name_of(f), "grader.inside")], ids=name_of)
def test_nothing_outside_the_box_evaluates_text(file: Path) -> None:
    """Calls of eval, exec and the like; `compile` counts when its result could be run."""
    calls = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)]
    names = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    assert not names & {"eval", "exec", "__import__"}
    loads = {ast.unparse(node.func) for node in calls if isinstance(node.func, ast.Attribute)}
    assert not loads & {"np.load", "numpy.load", "torch.load", "pd.read_pickle", "os.system", "yaml.load"}


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Functions and classes that a module defines under names without an underscore, and the classes' methods."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(value) or inspect.isfunction(value):
            yield name, value


# env.py is run by Alembic alone
MODULES = [name_of(file) for file in FILES if file.name not in ("__main__.py", "env.py")]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_in_its_first_line_what_it_is_for(name: str) -> None:
    text = import_module(name).__doc__
    assert text
    assert text.splitlines()[0].strip()


def undocumented(name: str) -> list[str]:
    return [f"{name}.{label}" for label, value in public(import_module(name)) if not inspect.getdoc(value)]


def test_every_public_class_and_function_has_a_docstring() -> None:
    found = [label for name in MODULES for label in undocumented(name)]
    assert not found


def test_every_function_is_annotated() -> None:
    bare = []
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            missing = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
            if missing or node.returns is None:
                bare.append(f"{name_of(file)}.{node.name}")
    assert not bare


@pytest.mark.parametrize("name", [n for n in MODULES if hasattr(import_module(n), "__all__")])
def test_all_is_sorted_and_true(name: str) -> None:
    module = import_module(name)
    assert list(module.__all__) == sorted(module.__all__)
    assert all(hasattr(module, each) for each in module.__all__)
