"""Formulas as a person types them, compared by their values at random points.

Nothing but arithmetic is ever evaluated: the text is parsed, every node is held against a list, all constants become
floats (so that no power can grow without end), and `simpleeval` walks what is left with operators of ours.
"""

from __future__ import annotations

import ast
import math
import operator
import random
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from simpleeval import SimpleEval

from grader.text import Text

POINTS = 25  # compared
TRIES = 200
ROUNDED = 1e-12  # what rounding may leave of a zero
LONGEST = 300  # characters
NODES = 500
DEEPEST = 80
FUNCTIONS: Mapping[str, tuple[Callable[..., float], int]] = {  # and how many arguments at least
    "exp": (math.exp, 1),
    "log": (math.log, 1),
    "ln": (math.log, 1),
    "sqrt": (math.sqrt, 1),
    "tanh": (math.tanh, 1),
    "sin": (math.sin, 1),
    "cos": (math.cos, 1),
    "abs": (abs, 1),
    "max": (max, 2),
    "min": (min, 2),
    "sigmoid": (lambda z: 1 / (1 + math.exp(-z)), 1),
    "relu": (lambda z: max(z, 0.0), 1),
}
CONSTANTS = {"e": math.e, "pi": math.pi}
SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "∙": "*", "⋅": "*", "÷": "/", "⁄": "/"})
SIGNS |= str.maketrans({"∕": "/", "π": " pi ", "[": "(", "]": ")", "{": "(", "}": ")"})
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
NODE = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.Load)
PLAIN = re.compile(r"[\w\s.+\-*/(),]+")
NAMED = re.compile(r"^\s*[^\W\d∂][\w\s()/,'′″’]{0,30}=(?!=)|^\s*∂[\w\s()/,∂'′″’]{0,30}=(?!=)")  # "f'(x) =", "dL/dw ="
TOKEN = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|\w+|\*\*|\S", re.IGNORECASE)
OPERAND = re.compile(r"[\w.]+(?:e[+-]\d+)?", re.IGNORECASE)


class NotAFormula(ValueError):
    """It cannot be read; `text` says what is in the way."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Formula:
    """An expression over some variables."""

    source: str
    variables: tuple[str, ...]
    tree: ast.expr = field(compare=False, repr=False)

    def at(self, values: Mapping[str, float]) -> float | None:
        """Its value there; None where it has none."""
        return _value(self.tree, {**CONSTANTS, **{_safe(name): value for name, value in values.items()}})


def lowered(text: str) -> str:
    """Raised digits as a power: "10⁻³" as "10^-3", so that no normalisation makes 10-3, or 102 of 10², of it."""
    return re.sub(f"[{RAISED}]+", lambda found: "^" + unicodedata.normalize("NFKC", found[0]).replace("−", "-"), text)


def read(text: str, variables: Sequence[str]) -> Formula:
    """Raises NotAFormula."""
    if len(text) > LONGEST:
        raise NotAFormula(_TOO_LONG)
    source = re.sub(rf"([\w)])([{RAISED}]+)", lambda found: f"{found[1]}^({lowered(found[2])[1:]})", text)
    source = unicodedata.normalize("NFKC", source.translate(SIGNS)).translate(SIGNS)
    if "σ" not in variables:
        source = source.replace("σ", " sigmoid ")
    source = NAMED.sub("", source).replace("^", "**").strip()
    if not PLAIN.fullmatch(source):
        raise NotAFormula(_UNREADABLE)
    _joined(source, variables)
    try:
        tree = ast.parse(_safe(source), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotAFormula(_UNREADABLE) from error
    return Formula(source, tuple(variables), _checked(tree, variables))


def same(first: Formula, second: Formula, rtol: float = 1e-6) -> bool:
    """Whether `first` has a value wherever `second` has one, and the same: at random points, half of them between 0
    and 1, where probabilities are. What is next to nothing is judged by the largest value that there is."""
    rng, pairs = random.Random(20260301), []
    for place in range(TRIES):
        low, high = (-2.0, 2.0) if place % 2 else (0.02, 0.98)
        values = {name: rng.uniform(low, high) for name in second.variables}
        wanted = second.at(values)
        if wanted is None:
            continue
        found = first.at(values)
        if found is None:
            return False
        pairs.append((found, wanted))
        if len(pairs) == POINTS:
            break
    largest = max((abs(wanted) for _, wanted in pairs), default=0.0)
    nothing = 1e-9 * (min(largest, 1.0) if largest > ROUNDED else 1.0)
    same = all(math.isclose(found, wanted, rel_tol=rtol, abs_tol=nothing) for found, wanted in pairs)
    return same and len(pairs) >= 5


def _joined(source: str, variables: Sequence[str]) -> None:
    """Raises NotAFormula where two things stand beside each other with no sign between, as in 2x or p(1 - p)."""
    tokens = TOKEN.findall(source)
    for first, second in pairwise(tokens):
        function = first not in variables and re.fullmatch(r"[^\W\d]\w*", first) and first not in CONSTANTS
        if second == "(" and function:
            continue
        if (first == ")" or OPERAND.fullmatch(first)) and (second == "(" or OPERAND.fullmatch(second)):
            raise NotAFormula(_MISSING_SIGN)


def _safe(source: str) -> str:
    """`lambda`, the usual name of a penalty's strength, is no name to Python."""
    return re.sub(r"\blambda\b", "lambda_", source)


def _checked(tree: ast.Expression, variables: Sequence[str]) -> ast.expr:
    """The expression with floats for constants. Raises NotAFormula for anything but arithmetic."""
    nodes = list(ast.walk(tree))
    if len(nodes) > NODES or _depth(tree.body) > DEEPEST:
        raise NotAFormula(_TOO_LONG)
    known = {_safe(name) for name in variables}
    for node in nodes:
        if isinstance(node, ast.Call):
            _checked_call(node, known, variables)
        elif isinstance(node, ast.Constant):
            if type(node.value) not in (int, float):
                raise NotAFormula(_UNREADABLE)
            try:
                node.value = float(node.value)  # type: ignore[arg-type]
            except OverflowError as error:
                raise NotAFormula(_UNREADABLE) from error
        elif isinstance(node, (ast.operator, ast.unaryop)):
            if type(node) not in OPERATORS:
                raise NotAFormula(_UNREADABLE)
        elif not isinstance(node, NODE):
            raise NotAFormula(_UNREADABLE)
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in {*known, *CONSTANTS}:
            raise NotAFormula(_unknown(node.id, variables))
    return tree.body


def _checked_call(node: ast.Call, known: set[str], variables: Sequence[str]) -> None:
    if not isinstance(node.func, ast.Name):
        raise NotAFormula(_MISSING_SIGN)
    name = node.func.id
    if name in known or name in CONSTANTS:
        raise NotAFormula(_MISSING_SIGN)
    if name not in FUNCTIONS:
        raise NotAFormula(_unknown(name, variables))
    least = FUNCTIONS[name][1]
    if node.keywords or not least <= len(node.args) <= (1 if least == 1 else 8):
        raise NotAFormula(_arguments(name, least))


def _depth(node: ast.AST) -> int:
    """Without recursion: the text may nest as deep as Python's parser goes."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(one)]
    return deepest


def _value(tree: ast.expr, names: Mapping[str, float]) -> float | None:
    evaluator = getattr(_LOCAL, "evaluator", None)
    if evaluator is None:  # one a thread: making one costs more than using it, and touches the filters of warnings
        evaluator = _LOCAL.evaluator = SimpleEval(operators=OPERATORS, functions=_CALLED)
    evaluator.names = names
    try:
        value = evaluator.eval("", previously_parsed=tree)
    except (ArithmeticError, ValueError):
        return None
    return float(value) if math.isfinite(value) else None


def _power(base: float, exponent: float) -> float:
    """Of real numbers: a root of a negative number has no value."""
    if base < 0 and not exponent.is_integer():
        raise ValueError
    return float(base**exponent)


OPERATORS: Mapping[Any, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_LOCAL = threading.local()
_CALLED = {name: function for name, (function, _) in FUNCTIONS.items()}


def _unknown(name: str, variables: Sequence[str]) -> Text:
    known, name = ", ".join(variables), name[:40].removesuffix("_")
    functions = "exp, log, sqrt, tanh, sigmoid, relu, max, min, abs, sin, cos"
    return Text(
        f"'{name}'을(를) 모릅니다. 쓸 수 있는 변수: {known}. 함수: {functions}. 곱셈은 *로 쓰세요.",
        f"'{name}' is not known. Variables: {known}. Functions: {functions}. Multiply with *.",
    )


def _arguments(name: str, least: int) -> Text:
    if least > 1:
        return Text(f"{name}에는 값이 둘 이상 필요합니다. 예: {name}(0, x)", f"{name} takes two values: {name}(0, x)")
    return Text(f"{name}에는 값 하나를 넣으세요. 예: {name}(x)", f"{name} takes one value, as in {name}(x)")


_MISSING_SIGN = Text("곱셈 기호를 쓰세요. 예: 2*x, p*(1-p)", "Write the sign of multiplication: 2*x, p*(1-p)")
_TOO_LONG = Text("식이 너무 길거나 복잡합니다.", "The formula is too long or too deeply nested.")
_UNREADABLE = Text(
    "식으로 읽을 수 없습니다. 예: p - y, 2*x^2, exp(-z)/(1+exp(-z))",
    "This cannot be read as a formula. Examples: p - y, 2*x^2, exp(-z)/(1+exp(-z))",
)
