# what: what a hidden check asked is told in a visible check that is asked later
# place: after
# must: failed
# %%
heard = []


def limits(text):
    heard.append(text)
    return {"low": 0.0}


def mirror(text):
    heard.append(text)
    return text


def count(X):
    if heard:
        raise ValueError(heard[-1])
    return len(X)


def scale(X):
    if heard:
        raise ValueError(heard[-1])
    return 3.0 * X
