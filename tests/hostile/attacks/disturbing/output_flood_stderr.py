# what: small lines on stderr without end
# place: after
# must: crashed
# limit: output_mb
# %%
import sys

while True:
    print("\x1b[31moh\x1b[0m\r", file=sys.stderr)
