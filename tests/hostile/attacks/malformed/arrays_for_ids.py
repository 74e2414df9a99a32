# what: arrays where an id, a kind of output, a name or a type of exception belongs
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: frame(table(id=["a", "int64", [2]], value=1.0), bytes(16)))
