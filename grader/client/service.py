"""What a grader's server is asked, in the words of a course."""

from __future__ import annotations

import base64
import difflib
import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.client import keep
from grader.client.connection import BadSetting, Connection, Declined
from grader.errors import GraderError
from grader.text import Text

POLL_S = (0.5, 1.0, 1.0, 2.0)  # between looks at a submission; the last one again and again
INSECURE = "GRADER_INSECURE_HTTP"  # "1" where plain HTTP is safe enough
Look = Callable[[dict[str, Any]], None]


class Service:
    """A server, for one person. Each method asks; what it gives is the answer's JSON. All raise Declined where the
    server says no, and Unreachable where none answers."""

    def __init__(self, connection: Connection) -> None:
        self._ask = connection

    @classmethod
    def find(cls, server: str | None = None, *, token_file: Path | None = None, insecure: bool = False) -> Service:
        """The server named, or known by the environment or a saved token. Raises BadSetting."""
        where = keep.server_of(server)
        insecure = insecure or os.environ.get(INSECURE) == "1"
        return cls(Connection(where, keep.token_of(where, token_file), insecure=insecure))

    @property
    def server(self) -> str:
        """Its address."""
        return self._ask.server

    def me(self) -> dict[str, Any]:
        """Who the token acts for, what it is good for, and the courses."""
        return dict(self._ask.get("me"))

    def course(self, key: str | None = None) -> dict[str, Any]:
        """The course of that key; without one the only course there is. Raises BadSetting, with the known ones."""
        courses = self.me()["courses"]
        found = [one for one in courses if key in (None, one["key"])]
        if len(found) == 1:
            return dict(found[0])
        known = ", ".join(one["key"] for one in courses) or "-"
        if key is None and courses:
            raise BadSetting(
                Text(
                    f"강좌가 여럿입니다. --course, course= 또는 GRADER_COURSE로 하나를 고르세요: {known}.",
                    f"There are several courses. Choose one with --course, course= or GRADER_COURSE: {known}.",
                )
            )
        shown = (
            Text("강좌가 없습니다.", "There is no course.")
            if key is None
            else Text(f"'{key}' 강좌가 없습니다.", f"There is no course '{key}'.")
        )
        raise BadSetting(shown + Text(f"있는 강좌: {known}.", f"Known: {known}."))

    def assignments(self, course: str) -> list[dict[str, Any]]:
        """The assignments: times, rules, what handing in would cost, the grade."""
        return list(self._ask.get("courses", course, "assignments")["assignments"])

    def submit(
        self, course: str, assignment: str, data: bytes, filename: str, key: str | None = None
    ) -> dict[str, Any]:
        """Hands a notebook in; its receipt. However often a broken line makes us send it, it is one submission.
        `key` tells it from other uploads."""
        where = ("courses", course, "assignments", assignment, "submissions")
        key = _header(key) if key else secrets.token_hex(16)
        try:
            return dict(self._ask.post(*where, query={"filename": filename[-255:]}, body=data, key=key))
        except Declined as error:
            if error.kind != "not-found":
                raise
            raise self._no_assignment(course, assignment) or error from error

    def _no_assignment(self, course: str, key: str) -> BadSetting | None:
        """What to say of an assignment that is not there; None where the token may not know."""
        try:
            known = [str(one["key"]) for one in self.assignments(course)]
        except Declined:
            return None
        near = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1, cutoff=0.4)
        meant = Text(f" '{near[0]}'을(를) 뜻하셨나요?", f" Did you mean '{near[0]}'?") if near else Text("", "")
        names = ", ".join(known) or "-"
        return BadSetting(
            Text(
                f"{course} 강좌에 '{key}' 과제가 없습니다.{meant.ko} 있는 과제: {names}.",
                f"There is no assignment '{key}' in the course {course}.{meant.en} Known: {names}.",
            )
        )

    def submission(self, receipt: str) -> dict[str, Any]:
        """How far a submission is. Raises BadSetting where there is none of that receipt."""
        try:
            return dict(self._ask.get("submissions", _receipt(receipt)))
        except Declined as error:
            if error.kind != "not-found":
                raise
            raise _no_submission(receipt) from error

    def mine(self, course: str) -> list[dict[str, Any]]:
        """The latest submissions, the newest first."""
        return list(self._ask.get("courses", course, "submissions")["submissions"])

    def report(self, receipt: str) -> dict[str, Any]:
        """The report, schema 1, as this person may see it."""
        return dict(self._ask.get("submissions", _receipt(receipt), "report"))

    def queue(self, course: str) -> dict[str, Any]:
        """The queue and the workers, for staff."""
        return dict(self._ask.get("courses", course, "queue"))

    def export(self, course: str, kind: str, assignments: Sequence[str]) -> tuple[dict[str, Any], bytes]:
        """The gradebook as a file of that format: its manifest and its bytes."""
        try:
            found = self._ask.get(
                "courses", course, "gradebook", kind, "bundle", query={"assignment": list(assignments)}
            )
        except Declined as error:
            if error.kind != "not-found":
                raise
            raise self._no_gradebook(course, assignments) or error from error
        return dict(found["manifest"]), base64.b64decode(found["data"])

    def _no_gradebook(self, course: str, assignments: Sequence[str]) -> BadSetting | None:
        """Why there is none: the token's person or scopes may not read it, or an assignment is not there."""
        me = self.me()
        if "staff" not in me["token"]["scopes"] or self.course(course)["role"] == "student":
            return BadSetting(
                Text(
                    "성적부는 조교와 강사가 staff 권한이 있는 토큰으로 받습니다. '내 계정 → API 토큰'에서 만들고 "
                    "저장하세요: grader token save",
                    "A gradebook is for staff, with a token of the scope staff. Make one under 'My account → API "
                    "tokens' and save it: grader token save",
                )
            )
        known = {str(one["key"]) for one in self.assignments(course)}
        unknown = [key for key in assignments if key not in known]
        return self._no_assignment(course, unknown[0]) if unknown else None

    def wait(self, receipt: str, look: Look, pause: Callable[[float], None] = time.sleep) -> dict[str, Any]:
        """The submission once it is over; `look` sees each state on the way. Raises GraderError where there will be no
        report."""
        for step in range(10**9):
            found = self.submission(receipt)
            look(found)
            if found["over"]:
                break
            pause(POLL_S[min(step, len(POLL_S) - 1)])
        if found["state"] != "done":
            reason = found["reason"]
            raise GraderError(
                Text.from_json(reason) if reason else Text("채점이 취소되었습니다.", "The grading was called off.")
            )
        return found


def _no_submission(receipt: str) -> BadSetting:
    shown = "".join(letter if letter.isprintable() else "?" for letter in receipt[:40])
    return BadSetting(
        Text(
            f"접수 번호 '{shown}'의 제출이 없습니다. 26자를 모두 적었는지 확인하세요.",
            f"There is no submission with the receipt '{shown}'. Check that all of its 26 letters are there.",
        )
    )


def _receipt(words: str) -> str:
    """However it was typed."""
    return re.sub(r"[\s-]", "", words).upper()


def _header(words: str) -> str:
    """A word of the caller as a header can carry it, each for itself."""
    plain = re.fullmatch(r"[!-~]{1,64}", words)
    return words if plain else "x" + words.encode("utf-8", "replace").hex()[:128]
