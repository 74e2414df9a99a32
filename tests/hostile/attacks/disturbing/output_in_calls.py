# what: 50 MB are printed in each call, and the descriptors are flooded
# place: after
# must: graded
# %%
import os


def scale(X):
    for _ in range(50):
        print("x" * (1 << 20))
        os.write(1, b"x" * (1 << 20))
    return X
