"""Stems as a person reads them in a terminal: Markdown, with formulas in Unicode."""

from __future__ import annotations

import re
import unicodedata

import unicodeit

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
FENCE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
NAMES = "log ln exp max min sin cos tanh sigmoid softmax ReLU argmax arg"
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7"}
PLAIN = ("text", "mathrm", "operatorname", "mathbf", "boldsymbol", "mathit", "mathsf", "textbf")
GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"  # with one level of braces inside
FRACTION = re.compile(rf"\\[dt]?frac\s*{GROUP}\s*{GROUP}")
ROOT = re.compile(rf"\\sqrt\s*{GROUP}")
SPACES = re.compile(r"\\(?:(?:left|right|[bB]igg?[lr]?|displaystyle|limits|q?quad)(?![a-zA-Z])|[,;!: ])")


def terminal(markdown: str) -> str:
    """Markdown whose formulas can be read as they stand. What is code stays as it is."""
    parts = FENCE.split(markdown.strip())
    return "".join(part if place % 2 else FORMULA.sub(_formula, part) for place, part in enumerate(parts))


def _formula(found: re.Match[str]) -> str:
    text = unicode(found[1] or found[2])
    return re.sub(r"([\\`*_\[\]<>~|#])", r"\\\1", text)  # no Markdown in a formula


def unicode(latex: str) -> str:
    """A formula on one line: fractions with a slash, roots with their sign, sub- and superscripts where they exist."""
    text = re.sub(r"\\begin\{[a-z]*matrix\}(.*?)\\end\{[a-z]*matrix\}", _matrix, latex, flags=re.DOTALL)
    text = SPACES.sub(" ", text)
    for name in PLAIN:
        text = _unwrapped(text, name)
    for name, accent in ACCENTS.items():
        text = re.sub(rf"\\{name}\s*(?:\{{([^{{}}]*)\}}|(\w))", rf"\1\2{accent}", text)
    text = _fractions(text)
    text = ROOT.sub(r"√(\1)", text)
    text = re.sub(r"\\sqrt\s*(\w)", r"√\1", text)
    text = re.sub(rf"\\({'|'.join(NAMES.split())})\b", r"\1", text)
    text = re.sub(r"\^\s*(\\top|T\b|\{\\top\}|\{T\})", "ᵀ", text)
    text = unicodeit.replace(text.replace("\\dots", "…").replace("\\ldots", "…").replace("\\cdots", "⋯"))
    text = re.sub(r"\s+", " ", re.sub(r"([_^])\{([^{}]*)\}", r"\1(\2)", text)).strip()
    return unicodedata.normalize("NFC", text)


def _matrix(found: re.Match[str]) -> str:
    rows = [row for row in re.split(r"\\\\", found[1]) if row.strip()]
    return "[" + "; ".join("  ".join(cell.strip() for cell in row.split("&")) for row in rows) + "]"


def _unwrapped(text: str, name: str) -> str:
    return re.sub(rf"\\{name}\s*\{{([^{{}}]*)\}}", r"\1", text)


def _fractions(text: str) -> str:
    """A part that is one word needs no brackets, and the whole only after a name such as log."""
    while (found := FRACTION.search(text)) is not None:
        above, below = (part if re.fullmatch(r"[\w.\\]+", part) else f"({part})" for part in found.groups())
        before, after = text[: found.start()], text[found.end() :]
        whole = f"({above}/{below})" if re.search(r"[a-zA-Z]\s*$", before) else f"{above}/{below}"
        text = before + whole + after
    return text
