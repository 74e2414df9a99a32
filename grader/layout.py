"""How `--help` looks: a line ends where that of a terminal does, and a list of verbs says what each does in both
languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

_WIDE = re.compile("[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uff00-\uff60]")  # two columns each
_FILL = "\0"  # stands for the second column while lines are made


class Formatter(click.HelpFormatter):
    """As click's, which takes every letter for one column."""

    def write(self, string: str) -> None:
        super().write(string.replace(_FILL, ""))

    def write_text(self, text: str) -> None:
        super().write_text(_spread(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(first, _spread(second)) for first, second in rows], col_max, col_spacing)


class Group(click.Group):
    """A group that lists its verbs with the first paragraph of what each says, not with its first sentence."""

    def line(self, name: str) -> str:
        """What the list says of a verb."""
        return " ".join((self.commands[name].help or "").split("\n\n")[0].split())

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.line(name)) for name in self.list_commands(ctx)])


def _spread(text: str) -> str:
    return _WIDE.sub(lambda found: found[0] + _FILL, text)
