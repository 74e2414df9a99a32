# what: whole numbers of many digits as ids, lengths, lines and cells
# place: after
# with: wire
# must: refused
# %%
big = 10**4000
answer_all(lambda number: frame(table(id=number, value=["a", "float64", [big]], seconds=big)))
