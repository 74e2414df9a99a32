# what: threads print, write and change the functions while calls are answered
# place: after
# must: graded
# %%
import os
import random
import threading


def noise():
    while True:
        print("noise" * 100)
        os.write(1, b"noise")
        globals()["scale"] = random.choice([None, len, lambda X: 3.0 * X])


for _ in range(3):
    threading.Thread(target=noise, daemon=True).start()
