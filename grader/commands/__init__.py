"""The verbs of the command line that need the store, a file for each; loaded only when one of them is called."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from typing import Any

import click

from grader import layout

# the name of each verb, its module, and the line that `grader --help` shows, so that nothing is loaded for it
VERBS = {
    "audit": ("audit", "누가 무엇을 정했는지 보여 줍니다. / Show who decided what."),
    "backup": ("backup:command", "모든 것을 한 파일로 백업합니다. / Write everything to one file."),
    "board": ("board", "과제의 순위표를 보여 줍니다. / Show the leaderboard of an assignment."),
    "course": ("course", "강좌를 만들고 봅니다. / Make and show courses."),
    "demo": (
        "demo",
        "예시 강좌를 만들고 제출을 채점합니다. / Make a course of made-up people and grade what they hand in.",
    ),
    "export": (
        "export",
        "성적을 다른 프로그램의 파일로 내보냅니다. / Write the gradebook as a file for another program.",
    ),
    "extend": ("extend", "시간이나 횟수를 더 줍니다. / Give more time or more attempts."),
    "gc": ("backup:gc", "쓰지 않는 자료를 지웁니다. / Remove what nothing needs any more."),
    "grades": ("grades", "성적표를 보여 줍니다. / Show the gradebook."),
    "import": ("import_", "다른 프로그램의 강좌를 가져옵니다. / Bring in the course of another program."),
    "likeness": ("likeness", "비슷한 제출을 찾습니다. / Find submissions that are alike."),
    "override": ("override", "점수를 직접 정합니다. / Decide on points yourself."),
    "policy": ("policy", "과제의 시각과 규칙을 바꿉니다. / Change the times and rules of an assignment."),
    "publish": ("publish", "과제를 강좌에 냅니다. / Publish an assignment in a course."),
    "queue": ("queue", "대기열을 보고 다룹니다. / Show the queue, and do something about it."),
    "quiz": ("quiz", "이론 퀴즈를 풀고 살핍니다. / Take quizzes on the theory, and prove them."),
    "regrade": ("regrade", "제출을 지금 버전으로 다시 채점합니다. / Grade submissions again, by the current version."),
    "restore": ("backup:restore", "백업을 되돌립니다. / Bring a backup back."),
    "serve": ("serve", "강좌를 웹으로 엽니다. / Open the course in the browser."),
    "status": ("status", "대기열과 제출을 보여 줍니다. / Show the queue and submissions."),
    "submit": ("submit", "노트북을 제출합니다. / Submit a notebook."),
    "survey": (
        "survey",
        "익명 설문을 열고 닫고 결과를 봅니다. / Open and close the anonymous survey, and see its results.",
    ),
    "token": ("token", "서버의 토큰을 저장하고 관리합니다. / Save and manage tokens for a server."),
    "user": ("user", "강좌의 사람을 관리합니다. / Manage the people of a course."),
    "worker": ("worker", "대기열의 제출을 채점합니다. / Grade what is in the queue."),
}


class Verbs(MutableMapping[str, click.Command]):
    """The commands of a group by name, those of `VERBS` among them, each loaded when it is first asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, _, attribute = VERBS[name][0].partition(":")
            found: Any = importlib.import_module(f"grader.commands.{module}")
            self._loaded[name] = getattr(found, attribute or "command")
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._loaded.keys() | VERBS.keys()))

    def __len__(self) -> int:
        return len(self._loaded.keys() | VERBS.keys())

    def __contains__(self, name: object) -> bool:
        return name in self._loaded or name in VERBS


class LazyGroup(layout.Group):
    """A group that lists the verbs of the store without loading them."""

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.verbs = Verbs()
        self.verbs.update(self.commands)
        self.commands = self.verbs

    def line(self, name: str) -> str:
        return VERBS[name][1] if name in VERBS else super().line(name)
