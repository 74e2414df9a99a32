# what: NaN and infinity as ids, seconds and values
# place: after
# with: wire
# must: failed
# %%
answer_all(lambda number: frame(table(id=number, value=float("nan"), seconds=float("inf"))))
