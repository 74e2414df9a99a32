# what: all descriptors are used up, and the standard ones are replaced
# place: after
# must: graded
# %%
import os
import sys

os.dup2(os.open("/dev/null", os.O_RDWR), 1)
sys.stdin = sys.stdout = sys.stderr = sys.__stdout__ = None
kept = []
try:
    while True:
        kept.append(os.pipe())
except OSError:
    pass
