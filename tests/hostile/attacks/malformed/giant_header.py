# what: a prefix that announces four gigabytes
# place: after
# with: wire
# must: refused
# %%
answer_all(lambda number: b"NGF1" + b"\xff" * 8 + b"x" * 1000)
