"""`grader backup`, `grader restore` and `grader gc`: a copy of everything, the way back, and what is not needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from grader.commands import common
from grader.text import Text

KEEP_JOBS_DAYS = 30
KEEP_CELLS = timedelta(days=1)  # no grading lasts as long


@click.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
@common.home_option
@common.json_option
@common.lang_option
def command(file: Path, home: Path | None, as_json: bool, lang: str | None) -> None:
    """모든 것을 한 파일로 백업합니다. / Write everything to one file.

    채점과 제출이 계속되는 동안에도 한순간의 온전한 모습입니다. 있는 파일은 덮어쓰지 않습니다. 끝에 나오는 기록 번호와
    해시를 다른 곳에 적어 두면, 나중에 기록이 잘렸는지 알 수 있습니다.

    It is whole, as of one moment, while grading and submitting go on. No file is overwritten. The number and hash of
    the audit log that it says at the end, noted elsewhere, later show a log that was cut off.

    \b
    예 / Examples:
      grader backup dl-$(date +%F).backup
      grader backup /mnt/backups/today.backup --json
    """
    from grader.store import backup as backups

    with common.opened(home) as (_, database):
        done = backups.backup(database, file)
    if as_json:
        common.emit(
            {
                "file": str(done.file),
                "size": done.size,
                "sha256": done.sha256,
                "audit_number": done.audit_number,
                "audit_hash": done.audit_hash,
            }
        )
        return
    said = Text(
        f"{file}에 백업했습니다({done.size:,}바이트). 기록 {done.audit_number}번, 해시 {done.audit_hash}",
        f"Everything is in {file} ({done.size:,} bytes). Audit line {done.audit_number}, hash {done.audit_hash}",
    )
    common.say(said, lang)


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="있는 강좌 대신에 / In the place of the course that is there.")
@common.home_option
@common.json_option
@common.lang_option
def restore(file: Path, force: bool, home: Path | None, as_json: bool, lang: str | None) -> None:
    """백업을 되돌립니다. / Bring a backup back.

    강좌가 이미 있으면 --force가 필요하고, 그때도 있던 것은 지우지 않고 옆에 둡니다. 먼저 워커와 웹을 멈추세요. SQLite의
    백업은 GRADER_DATABASE가 가리키는 PostgreSQL로도 되돌릴 수 있습니다. 강좌가 그리로 옮겨 갑니다.

    Where there is a course already it needs --force, and what was there is moved aside, never deleted. Stop workers
    and the web first. A backup of SQLite can be restored to the PostgreSQL of GRADER_DATABASE as well: the course moves
    there.

    \b
    예 / Examples:
      grader restore dl-2026-03-02.backup --home /srv/grader-new
      grader restore dl-2026-03-02.backup --force
    """
    from grader.store import backup as backups
    from grader.store.database import Home

    aside = backups.restore(file, Home.find(home), force=force)
    with common.opened(home, makes=True):
        pass  # an older backup gets the tables of this program
    if as_json:
        common.emit({"restored": str(file), "moved_aside": None if aside is None else str(aside)})
        return
    said = Text(f"{file}을(를) 되돌렸습니다.", f"{file} is restored.")
    said += Text(
        "모두 다시 로그인합니다. 토큰과 초대는 새로 만드세요.",
        "Everybody signs in again; tokens and invitations have to be made anew.",
    )
    if aside is not None:
        said += Text(f"있던 것은 여기 있습니다: {aside}", f"What was there is in {aside}")
    common.say(said, lang)


@click.command(name="gc")
@click.option(
    "--jobs-days",
    type=click.IntRange(1, 10_000),
    default=KEEP_JOBS_DAYS,
    show_default=True,
    help="끝난 지 이만큼 지난 대기열 기록을 지웁니다. / Forget queue entries that ended so many days ago.",
)
@common.home_option
@common.json_option
@common.lang_option
def gc(jobs_days: int, home: Path | None, as_json: bool, lang: str | None) -> None:
    """쓰지 않는 자료를 지웁니다. / Remove what nothing needs any more.

    올린 지 하루가 넘도록 제출도 버전도 가리키지 않는 파일, 오래전에 끝난 대기열 기록, 하루 넘게 쓰지 않은 퀴즈 코드
    검사입니다. 제출과 성적은 그대로입니다.

    Files that for a day no submission and no version has referred to, entries of the queue that ended long ago, and
    unpacked checks of quiz cells that nobody needed for a day. Submissions and grades stay.

    \b
    예 / Example:
      grader gc --json
    """
    from grader.jobs.slot import CACHE
    from grader.quiz import cell
    from grader.store import blobs
    from grader.store.database import now

    with common.opened(home) as (found, database):
        with database.read() as session:
            before = now(session) - timedelta(days=jobs_days)
        count, size = blobs.clear(database)
        with common.queue(database) as jobs:
            forgotten = jobs.forget(before)
        cells = cell.clean(found.folder / CACHE, datetime.now(UTC) - KEEP_CELLS)
        database.empty_log()
    if as_json:
        common.emit({"blobs": count, "bytes": size, "jobs": forgotten, "cells": cells})
        return
    said = Text(
        f"파일 {count}개({size:,}바이트), 대기열 기록 {forgotten}개, 퀴즈 코드 검사 {cells}개를 지웠습니다.",
        f"{count} files ({size:,} bytes), {forgotten} queue entries and {cells} unpacked checks of quiz cells removed.",
    )
    common.say(said, lang)
