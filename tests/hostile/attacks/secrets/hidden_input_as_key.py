# what: a dict whose keys are a hidden input, where a dict with other keys is wanted
# place: after
# must: failed
# %%
def limits(text):
    return {text: 1.0, "low": 0.0}
