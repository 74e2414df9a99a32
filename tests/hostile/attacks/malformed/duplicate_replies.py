# what: every reply is sent three times
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: frame(table(id=number, value=1.0, seconds=0.0)) * 3)
