# what: the interpreter's, the packages' and our own files are overwritten
# place: before
# must: failed
# %%
import os
import sys

import numpy
import torch

import grader.inside.codec as codec

TARGETS = [codec.__file__, numpy.__file__, torch.__file__, os.__file__, sys.executable, "/etc/passwd", "/opt/data/numbers.csv"]
for target in TARGETS:
    for change in (lambda: open(target, "a").close(), lambda: os.chmod(target, 0o777), lambda: os.unlink(target)):
        try:
            change()
            print("BREA" + "CHED", target)
        except OSError:
            pass
