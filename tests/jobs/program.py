"""A worker of the tests: `python -m jobs.program JSON`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path


def main() -> int:
    """What the JSON says: home, url, queues, slots, name, drain and pace."""
    # here, because every process that is started from this one imports this module again
    from jobs import fakes
    from jobs.yard import PACE

    from grader import worker
    from grader.jobs.slot import Parts
    from grader.store.database import Home

    given = json.loads(sys.argv[1])
    return worker.work(
        Home(Path(given["home"]), given["url"]),
        given["queues"],
        given["slots"],
        name=given["name"],
        drain_seconds=given["drain"],
        parts=Parts() if given.get("real") else Parts(unpack=fakes.unpack, grade=fakes.grade, errand=fakes.errand),
        pace=replace(PACE, **given.get("pace", {})),
    )


if __name__ == "__main__":
    sys.exit(main())
