# what: a str whose conversion never ends, and a property __class__ that sleeps
# place: after
# must: timeout
# limit: call_seconds
# %%
import time


class Slow:
    __class__ = property(lambda self: time.sleep(1000))


def scale(X):
    return Slow()
