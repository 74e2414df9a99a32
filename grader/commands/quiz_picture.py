"""The picture of a quiz's statistics as a file of its own: `grader quiz stats --picture FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from grader.quiz.statistics import Statistics

LIGHT = "--ink: #1d2430; --soft: #566072; --line: #ccd3dd; --bad: #a11212; --series-1: #1f6fb5"
DARK = "--ink: #e7eaf0; --soft: #a9b3c3; --line: #3b4554; --bad: #ffb3ad; --series-1: #6bb3f0"


def save(found: Statistics, file: Path, language: str | None) -> None:
    """Writes each question by difficulty and discrimination as SVG, with its sentences for who does not see it."""
    from grader import drawing
    from grader.quiz import picture

    shown = picture.scatter(found)
    head, _, body = drawing.svg(shown, language).partition(">")
    said = Markup("<title>{}</title><desc>{}</desc>").format(
        shown.title.into(language), shown.sentences().into(language)
    )
    colours = f"svg {{ {LIGHT} }} @media (prefers-color-scheme: dark) {{ svg {{ {DARK}; background: #14181f }} }}"
    file.write_text(f'{head} role="img">{said}<style>{colours}</style>{body}\n', encoding="utf-8")
