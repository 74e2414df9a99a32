# what: dicts whose keys are lists, NaN, huge, or there twice
# place: after
# with: wire
# must: refused
# %%
odd = iter([["d", [["l"], 1]], ["d", [float("nan"), 1], [float("nan"), 2]], ["d", ["id", 1], ["id", 2]], ["d", [1]], ["d", "ab"], ["d", [[], []]]] * 50)
answer_all(lambda number: frame(["d", ["id", number], ["value", next(odd)]]))
