# what: a dict whose keys are a hidden input, where a dict with other keys is wanted
# place: after
# must: failed
# open: the message of a hidden check quotes keys that the student chose (grader/suite/checks/parts.py)
# %%
def limits(text):
    return {text: 1.0, "low": 0.0}
