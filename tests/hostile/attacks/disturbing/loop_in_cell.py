# what: a cell never ends
# place: after
# must: timeout
# limit: notebook_seconds
# %%
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
