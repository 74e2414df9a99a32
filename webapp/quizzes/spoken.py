"""What was understood of an answer, said back: a formula as one would write it, a number as a decimal."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from grader.course.quizzes import Item
from grader.quiz import html
from grader.quiz.answer import NotAnAnswer, parse
from grader.quiz.formula import Formula
from grader.quiz.question import Kind, Option, Question
from grader.quiz.variant import shown

SIGNS: Mapping[type, str] = {ast.Add: "+", ast.Sub: "-"}
FUNCTIONS = {"exp", "log", "ln", "tanh", "sin", "cos", "max", "min"}
GREEK = {
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "eta",
    "theta",
    "lambda",
    "mu",
    "pi",
    "rho",
    "sigma",
    "tau",
    "phi",
}
WEAK, PRODUCT, POWER, ATOM = range(4)  # how tightly the parts of a formula hold together


def understood(item: Item, raw: Any) -> Markup | None:
    """How an answer was read, where that helps: of numbers, shapes and formulas. None where it is no answer."""
    if raw is None or item.kind not in (Kind.NUMBER, Kind.SHAPE, Kind.FORMULA):
        return None
    try:
        found = parse(question(item), raw)
    except NotAnAnswer:
        return None
    if isinstance(found.value, Formula):
        return drawn(found.value)
    words = shown(found.value) if item.kind == Kind.NUMBER else found.shown
    return None if words == str(raw).strip() else escape(words)


def drawn(formula: Formula) -> Markup:
    """A formula as MathML; as it was typed where it cannot be drawn."""
    try:
        return html.formula(latex(formula.tree))
    except (ValueError, RecursionError):
        return Markup("<code>{}</code>").format(formula.source)


def latex(tree: ast.expr) -> str:
    """Raises ValueError for what no formula holds."""
    return _part(tree)[0]


def question(item: Item) -> Question:
    """The question as this attempt poses it."""
    return Question(
        id="",
        kind=Kind(item.kind),
        topic=item.topic,
        difficulty=item.difficulty,
        stem=item.stem,
        options=tuple(Option(one.alias, one.text) for one in item.options),
        left=tuple(Option(one.alias, one.text) for one in item.left),
        unit=item.unit,
        variables=tuple(item.variables),
        code=item.code,
        defines=item.defines,
    )


def _part(tree: ast.expr) -> tuple[str, int]:
    """A piece of LaTeX, and how tightly it holds together."""
    if isinstance(tree, ast.Constant):
        return shown(tree.value) if isinstance(tree.value, (int, float)) else str(tree.value), ATOM
    if isinstance(tree, ast.Name):
        return _name(tree.id), ATOM
    if isinstance(tree, ast.UnaryOp):
        sign = "-" if isinstance(tree.op, ast.USub) else "+"
        return f"{sign}{_within(tree.operand, PRODUCT)}", WEAK
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        return _call(tree.func.id, [latex(one) for one in tree.args]), ATOM
    if isinstance(tree, ast.BinOp):
        return _pair(tree)
    raise ValueError(type(tree).__name__)


def _pair(tree: ast.BinOp) -> tuple[str, int]:
    if isinstance(tree.op, ast.Div):
        return rf"\frac{{{latex(tree.left)}}}{{{latex(tree.right)}}}", ATOM
    if isinstance(tree.op, ast.Pow):
        return f"{_within(tree.left, ATOM)}^{{{latex(tree.right)}}}", POWER
    if isinstance(tree.op, ast.Mult):
        return rf"{_within(tree.left, PRODUCT)} \cdot {_within(tree.right, PRODUCT)}", PRODUCT
    sign = SIGNS.get(type(tree.op))
    if sign is None:
        raise ValueError(type(tree.op).__name__)
    right = _within(tree.right, PRODUCT) if sign == "-" or isinstance(tree.right, ast.UnaryOp) else latex(tree.right)
    return f"{latex(tree.left)} {sign} {right}", WEAK


def _within(tree: ast.expr, least: int) -> str:
    words, hold = _part(tree)
    return words if hold >= least else rf"\left({words}\right)"


def _call(name: str, parts: list[str]) -> str:
    if name == "sqrt":
        return rf"\sqrt{{{parts[0]}}}"
    if name == "abs":
        return rf"\left|{parts[0]}\right|"
    head = rf"\{name}" if name in FUNCTIONS else rf"\mathrm{{{name}}}"
    return rf"{head}\left({', '.join(parts)}\right)"


def _name(name: str) -> str:
    """`w_1` and `w1` with what is below; a Greek letter by its sign; longer names upright."""
    stem, _, below = name.removesuffix("_").partition("_")  # the parser calls lambda `lambda_`
    if not below and (found := re.fullmatch(r"(\D+)(\d+)", stem)):
        stem, below = found[1], found[2]
    letter = rf"\{stem}" if stem in GREEK else stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
    below = below.replace("_", ", ")
    return rf"{letter}_{{\mathrm{{{below}}}}}" if below else letter
