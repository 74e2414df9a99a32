"""Sealed boxes: where a student's notebook runs.

Theory of operation. bubblewrap makes the *outer box*: a file system that holds Python, read-only, and nothing of
ours or of other people's; no network; namespaces of its own. In it one *warm process* per assignment imports
torch and the rest, once. Each submission is forked from it into a *box* of its own (`grader.inside.jail` says
how) and is never used twice. We hold three things of a box: the socket to its worker, a pidfd (so that a kill
hits the right process and a death is noticed), and the pipe of its output. Because the box's first process is
process 1 of its namespace, killing it kills everything in it.

A *watcher* outside (`watch`) adds up memory and processes of the whole tree and ends a box that goes over its
limits. Nothing that a box says is believed here: how it died is read from the kernel.

A real GPU is passed into the box where an assignment is about one and boxes can use it: see `gpu`.

`--unsafe-no-sandbox` runs the same program without namespaces, for a machine where there are none; the report
says so.
"""

from grader.sandbox.box import Box, Death
from grader.sandbox.warm import Backend, Device, Warm

__all__ = ["Backend", "Box", "Death", "Device", "Warm"]
