# what: more bytes than the arrays need, and the same bytes asked for twice
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: frame(table(id=number, value=["a", "float64", [1]], seconds=0.0), b"\x01" * 4096))
