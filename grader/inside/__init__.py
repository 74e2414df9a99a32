"""What runs in the box, beside the student's notebook; the only code of ours there.

Theory of operation. A *warm* process (`warm`) is started once in the outer box, imports what an assignment
needs, and then forks. Each fork walls itself in (`jail`, `seccomp`), becomes the *worker* of one submission
(`worker`) and is never used again. The worker runs the notebook's cells (`shell`, `colab`), then answers calls
(`probes`, `codec`, `channel`) until the other side hangs up.

Nothing here is trusted once student code has run: a student may patch every function of this package in the
worker. All that it can reach is its own socket, and all that comes out of it is decoded by `codec` on the
outside, which makes plain data or refuses. So this package imports nothing else of ours, holds no secret, and
decides nothing: whatever it says is the student's word.
"""
