"""Formulas and Markdown as a person reads them in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.markdown import Markdown

from grader.quiz.render import terminal, unicode


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"x_1 + x_2^2", "x₁ + x₂²"), (r"\frac{1}{n}", "1/n"), (r"\frac{p}{1-p}", "p/(1−p)"), (r"\log \frac{p}{1-p}", "log (p/(1−p))"),
        (r"\sigma(z)", "σ(z)"), (r"\hat{y}", "ŷ"), (r"\sqrt{x + 1}", "√(x + 1)"), (r"A \cdot B", "A ⋅ B"), (r"X^\top X", "Xᵀ X"),
        (r"X^T X", "Xᵀ X"), (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "[1 2; 3 4]"), (r"\text{loss}", "loss"), (r"a \ge b", "a ≥ b"),
        (r"\left( x \right)", "( x )"), (r"\frac{\partial L}{\partial w}", "(∂ L)/(∂ w)"), (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"), ("", ""),
        (r"x \rightarrow y", "x → y"), (r"\big( x \big)\, y", "( x ) y"), (r"\leftarrow", "←"),
    ],
)  # fmt: skip
def test_formulas_become_one_line_of_text(latex: str, text: str) -> None:
    assert unicode(latex) == text


@pytest.mark.parametrize(
    "latex", [r"\frac{a}", r"\frac{}{}", r"{{{", r"\sqrt", r"\begin{matrix}", "_^_^", r"\unknown{x}", "\\", r"\hat"]
)
def test_a_formula_that_is_none_breaks_nothing(latex: str) -> None:
    assert isinstance(unicode(latex), str)


def shown(markdown: str) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(Markdown(terminal(markdown)))
    return console.file.getvalue().strip()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("The sum $w_1 x_1 + w_2 x_2$.", "The sum w₁ x₁ + w₂ x₂."),
        ("$a*b*c$ and $a_{ij} * b_{ij}$", "a*b*c and aᵢⱼ * bᵢⱼ"),
        ("$[a](b)$", "[a](b)"),
        ("$a < b > c$", "a < b > c"),
        ("**bold** $x^2$", "bold x²"),
        ("Use `$x_1$` as it is", "Use $x_1$ as it is"),
        ("$$\n\\frac{1}{2}\n$$", "1/2"),
        ("$x$는 $y$의", "x는 y의"),
    ],
)
def test_a_formula_holds_no_markdown(markdown: str, text: str) -> None:
    assert shown(markdown) == text


def test_code_stays_as_it_is() -> None:
    assert terminal("```python\nprint('$x_1$', a_b)\n```") == "```python\nprint('$x_1$', a_b)\n```"
