# what: replies to questions that were never asked, or whose ids are no numbers
# place: after
# with: wire
# must: refused
# %%
ids = iter([-1, 10**9, 0, "1", None, ["l", 1], 1.5, ["t"]] * 20)
answer_all(lambda number: frame(table(id=next(ids), value=1.0, seconds=0.0)))
