# what: hidden inputs in the message, the type, the notes, the cause and the traceback of exceptions
# place: after
# must: failed
# %%
def carry(value):
    text = "".join(str(value).split())
    error = type(f"E_{text}", (ValueError,), {"__module__": text})(text)
    error.add_note(text)
    exec(compile(f"def {'f_' + ''.join(c for c in text if c.isalnum())}(e): raise e from KeyError({text!r})", text, "exec"), space := {})
    next(value for name, value in space.items() if name.startswith("f_"))(error)


def scale(X):
    carry([int(x) for x in X.ravel()])


def mean_square(y):
    carry([int(x) for x in y])


def mirror(text):
    carry(text)
