# what: pytest's own exceptions for skip, exit and xfail are raised in calls
# place: after
# must: failed
# %%
def named(name):
    return type(name, (BaseException,), {"__module__": "_pytest.outcomes", "allow_module_level": True})


def raising(name):
    def function(*a):
        raise named(name)("passed")

    return function


scale, mean_square, mirror, fit = map(raising, ("Skipped", "Exit", "XFailed", "Failed"))
