# what: 500 MB are printed
# place: after
# must: crashed
# limit: output_mb
# %%
for _ in range(500):
    print("x" * (1 << 20))
