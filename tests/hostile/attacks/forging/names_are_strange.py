# what: the dict of global names answers to every name
# place: after
# must: failed
# %%
import gc


class Everything(dict):
    def __contains__(self, name):
        return True

    def __getitem__(self, name):
        return lambda *a, **k: True


for thing in gc.get_objects():
    if type(thing).__name__ == "Notebook" and hasattr(thing, "shell"):
        type(thing).names = property(lambda self: Everything())
