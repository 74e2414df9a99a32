# what: the cell itself sends that it is done, then answers questions that nobody has asked yet
# place: after
# with: wire
# must: graded
# %%
number = max(10, worker.channel.received // 1000)
done = table(seconds=0.0, fault=None)
for number in range(1, 30):
    try:
        sock.sendall(frame(table(id=number, done=done)) + frame(table(id=number + 1, value=5.0, seconds=0.0)))
    except OSError:
        break
