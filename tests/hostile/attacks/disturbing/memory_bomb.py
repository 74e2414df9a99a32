# what: a list of blocks grows for ever
# place: after
# must: crashed
# limit: memory_mb
# %%
blocks = []
while True:
    blocks.append(bytearray(b"x") * (16 << 20))
