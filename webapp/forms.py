"""What was wrong with one of the forms of a page, so that the page can say it there and keep what was typed."""

from __future__ import annotations

from dataclasses import dataclass

from grader.text import Text


@dataclass(frozen=True)
class Wrong:
    """`form` is what the template calls the form; what was typed is still in `request.form`."""

    form: str
    text: Text
