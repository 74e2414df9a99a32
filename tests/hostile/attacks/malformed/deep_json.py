# what: JSON nested a million deep
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: frame(b"[" * 1_000_000))
