"""`grader worker`: grades what is in the queue until it is told to stop."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from grader.commands import common
from grader.errors import BadInput
from grader.text import Text


@click.command(name="worker")
@click.option("--queues", default="cpu,gpu", show_default=True, help="어느 대기열 / Which queues.")
@click.option(
    "--slots",
    type=click.IntRange(1, 256),
    help="대기열마다 동시에 몇 개 / Gradings at a time, per queue. Default: one a core, gpu 1.",
)
@click.option("--name", help="이름 / What to call it. Default: the host's name.")
@click.option(
    "--drain-seconds",
    type=click.FloatRange(0, 3600),
    default=60.0,
    show_default=True,
    help="멈출 때 하던 채점을 기다리는 시간 / How long a grading may take to end when it stops.",
)
@common.home_option
@common.json_option
@common.lang_option
def command(
    queues: str,
    slots: int | None,
    name: str | None,
    drain_seconds: float,
    home: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """대기열의 제출을 채점합니다. / Grade what is in the queue.

    Ctrl-C나 SIGTERM을 한 번 받으면 하던 것을 마치고, 두 번 받으면 바로 멈춥니다. 죽어도 하던 제출은 다른 워커가 이어
    합니다. 다른 컴퓨터에서는 같은 GRADER_DATABASE(PostgreSQL)로 실행하세요. GPU 과제(gpu 대기열)는 GPU가 없는
    컴퓨터에서 모의 GPU로 채점합니다. GPU 컴퓨터가 따로 있으면 다른 컴퓨터에는 --queues cpu를 쓰세요.

    Ctrl-C or SIGTERM lets it finish what is under way; a second one stops it at once. Where it dies, another worker
    takes over. On other machines run it with the same GRADER_DATABASE (PostgreSQL). Assignments about GPUs (queue gpu)
    are graded with a simulated one where there is none. Where a machine has one, give the others --queues cpu.

    \b
    예 / Examples:
      grader worker
      grader worker --queues cpu --slots 2
    """
    names = [word for word in re.split(r"[,\s]+", queues) if word]
    if not names or set(names) - {"cpu", "gpu"}:
        raise BadInput(
            Text(
                f"'{queues}': 대기열은 cpu와 gpu입니다. 예: --queues cpu,gpu",
                f"'{queues}': the queues are cpu and gpu. Example: --queues cpu,gpu",
            )
        )
    from grader import worker
    from grader.sandbox import gpu

    cores = len(os.sched_getaffinity(0))
    number = {one: slots or (1 if one == "gpu" else cores) for one in names}
    with common.opened(home) as (found, _):
        pass
    if as_json:
        common.emit({"home": str(found.folder), "slots": number})
    else:
        told = ", ".join(f"{one} × {count}" for one, count in number.items())
        if "gpu" in names and gpu.lack() is not None:
            told += " (simulated GPU)"
        click.echo(Text(f"워커를 시작합니다: {told}", f"The worker begins: {told}").into(lang), err=True)
    sys.exit(common.OURS if worker.work(found, names, number, name=name, drain_seconds=drain_seconds) else 0)
