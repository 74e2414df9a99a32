# what: lone surrogates, control characters and markup in exceptions, outputs, names and values
# place: after
# must: failed
# %%
BAD = "\ud800\udfff\x00\x1b]0;owned\x07\x1b[2J[bold]</pre><script>alert(1)</script>\u202e" + "\U0010ffff" * 10


def scale(X):
    raise type(BAD.replace("\x00", ""), (Exception,), {})(BAD)


def count(X):
    raise KeyError(BAD)


def mirror(text):
    return BAD


limits = lambda text: {BAD: BAD}
print(BAD)
# %%
raise type("\ud800" + "<b>", (Exception,), {})(BAD)
# %%
raise ValueError(BAD)
