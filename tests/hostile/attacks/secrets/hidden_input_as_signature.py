# what: the signature of a later function and its kind hold a hidden input
# place: after
# must: failed
# %%
import inspect

heard = []


def mirror(text):
    heard.append(text.replace("-", "_"))
    name = heard[-1]
    for function in (scale, limits):
        function.__signature__ = inspect.Signature([inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=name)])
    return text
