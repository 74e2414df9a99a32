"""The queue: every grading, from the moment it is asked for until it has one result.

Theory of operation. A submission's run and its job are written in one transaction (`Jobs.enqueue`), so neither is
ever there without the other. The job is a row of DBOS, a durable queue that lives in our own database; its only
argument is the run's key. What a run *is* stands in our row (`grader.store.models.Run`), and only that is believed:
DBOS says who may start it next, never whether it counts.

A worker (`grader.worker`) is as many *slots* as gradings that it does at a time. A slot is a process that takes one
job at a time and has it graded in a child of its own, so that whatever kills a slot is the fault of exactly the job
that it had. Because every slot takes one job, hosts may have different numbers of them on the same queue.

Each start of a run raises its `fence` and its `tries`. A result is written only by the start that holds the fence, in
one transaction; a slot that was cut off and comes back finds a higher fence and leaves no trace. A run that was
started MAX_TRIES times without a result is set aside with a reason, for a person to look at.

Slots tell the database's clock that they live. Each of them looks after the others' jobs as well: the *reaper* gives
back what a dead slot held, the *sweep* puts right what stands in one table and not in the other.

Order: by purpose first, and within a purpose in rounds. A person's first waiting job is in the round that is being
graded now, the second in the next, so fifty of one person stand in nobody's way.
"""

from grader.jobs.engine import prepare
from grader.jobs.pace import Pace
from grader.jobs.queue import Jobs, Outlook, Seen, Waiting

__all__ = ["Jobs", "Outlook", "Pace", "Seen", "Waiting", "prepare"]
