"""How `--help` looks: a line ends where that of a terminal does, and a list of verbs says what each does in both
languages. And what is said, in both, of a line that cannot be understood."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from grader.text import Text

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


def misuse(error: click.UsageError) -> Text:
    """What is wrong with the words of a command, and where it says how to write them. What click says of a value
    stays English."""
    said = Text(_in_korean(error), error.format_message())
    if error.ctx is None:
        return said
    how = f"{error.ctx.command_path} --help"
    return said + Text(f"쓰는 법: {how}", f"How to use it: {how}")


def _in_korean(error: click.UsageError) -> str:
    near = getattr(error, "possibilities", None) or []
    meant = f" {', '.join(repr(one) for one in near)}을(를) 뜻하셨나요?" if near else ""
    if isinstance(error, click.NoSuchOption):
        return f"{error.option_name!r} 옵션은 없습니다.{meant}"
    if (name := getattr(error, "command_name", None)) is not None:
        return f"{name!r} 명령은 없습니다.{meant}"
    if isinstance(error, click.BadParameter) and error.param is not None and error.ctx is not None:
        what = error.param.get_error_hint(error.ctx)
        if isinstance(error, click.MissingParameter):
            return f"{what}이(가) 빠졌습니다."
        return f"{what}의 값을 쓸 수 없습니다: {error.message}"
    return error.format_message()


def _spread(text: str) -> str:
    return _WIDE.sub(lambda found: found[0] + _FILL, text)
