"""Formulas as a person types them, compared by their values at random points."""

from __future__ import annotations

import ast
import math
import random
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simpleeval import SimpleEval

from grader.text import Text

POINTS = 25
TRIES = 400
LONGEST = 300
FUNCTIONS: dict[str, Callable[..., float]] = {
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
    "max": max,
    "min": min,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "relu": lambda z: max(z, 0.0),
}
SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "∙": "*", "÷": "/", "²": "^2", "³": "^3"})


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

    def at(self, values: dict[str, float]) -> float | None:
        """Its value there; None where it has none."""
        evaluator = SimpleEval(names={**values, "e": math.e, "pi": math.pi}, functions=FUNCTIONS)
        try:
            value = evaluator.eval(self.source)
        except (ArithmeticError, ValueError):
            return None
        except Exception as error:
            raise NotAFormula(_UNREADABLE) from error
        return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def read(text: str, variables: Sequence[str]) -> Formula:
    """Raises NotAFormula."""
    source = unicodedata.normalize("NFKC", text.translate(SIGNS)).translate(SIGNS).strip()
    source = re.sub(r"^[a-zA-Z_]\w*\s*=(?!=)\s*", "", source).replace("^", "**")
    if not source or len(source) > LONGEST:
        raise NotAFormula(_UNREADABLE)
    try:
        tree = ast.parse(source, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotAFormula(_missing_sign(source)) from error
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for name in sorted(names - called - set(variables) - {"e", "pi"}):
        raise NotAFormula(_unknown(name, variables))
    for name in sorted(called - set(FUNCTIONS)):
        raise NotAFormula(_unknown(name, variables))
    allowed = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.operator, ast.unaryop)
    if not all(isinstance(node, (*allowed, ast.Load)) for node in ast.walk(tree)):
        raise NotAFormula(_UNREADABLE)
    formula = Formula(source, tuple(variables))
    formula.at(dict.fromkeys(variables, 0.5))
    return formula


def same(first: Formula, second: Formula, rtol: float = 1e-6) -> bool:
    """Equal wherever both have a value, at random points; they must have one, or none, at the same points."""
    rng, compared = random.Random(20260301), 0
    for _ in range(TRIES):
        values = {name: rng.uniform(-2.0, 2.0) for name in second.variables}
        one, other = first.at(values), second.at(values)
        if (one is None) != (other is None):
            return False
        if one is None or other is None:
            continue
        if abs(one - other) > rtol * max(1.0, abs(other)):
            return False
        compared += 1
        if compared == POINTS:
            return True
    return compared >= 5


def _unknown(name: str, variables: Sequence[str]) -> Text:
    known = ", ".join(variables)
    functions = "exp, log, sqrt, tanh, sigmoid, max"
    return Text(
        f"'{name}'을(를) 모릅니다. 쓸 수 있는 변수: {known}. 함수: {functions}.",
        f"'{name}' is not known. Variables: {known}. Functions: {functions}.",
    )


def _missing_sign(source: str) -> Text:
    if re.search(r"\d\s*[a-zA-Z(]|\)\s*[\w(]", source):
        return Text("곱셈 기호를 쓰세요. 예: 2*x, p*(1-p)", "Write the sign of multiplication: 2*x, p*(1-p)")
    return _UNREADABLE


_UNREADABLE = Text(
    "식으로 읽을 수 없습니다. 예: p - y, 2*x^2, exp(-z)/(1+exp(-z))",
    "This cannot be read as a formula. Examples: p - y, 2*x^2, exp(-z)/(1+exp(-z))",
)
