# what: forged frames of output are sent without end
# place: after
# with: wire
# must: crashed
# limit: output_mb
# %%
forged = frame(table(output=table(output_type="stream", name="stdout", text="x"))) * 100
while True:
    sock.sendall(forged)
