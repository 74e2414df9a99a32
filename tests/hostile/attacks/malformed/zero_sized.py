# what: arrays without elements whose other lengths are enormous
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: frame(table(id=number, value=["a", "float64", [0, *[2**39]] if number % 2 else [0, 1 << 38]], seconds=0.0)))
