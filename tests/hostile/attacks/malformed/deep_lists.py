# what: lists nested a thousand deep, as values
# place: after
# must: failed
# %%
def deep(*a):
    value = []
    for _ in range(1000):
        value = [value]
    return value


scale = mean_square = mirror = deep
