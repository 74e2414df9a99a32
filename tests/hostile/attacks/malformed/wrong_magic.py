# what: frames of another protocol
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: frame(table(id=number, value=1.0), magic=b"HTTP"))
