# what: exceptions whose text loops for ever, in a call
# place: after
# must: timeout
# limit: call_seconds
# %%
class Endless(Exception):
    def __str__(self):
        while True:
            pass


def scale(X):
    raise Endless
