# ko: 새 배열을 만들지 않고 받은 배열에 답을 써 넣는다.
# en: The answer is written into the array that was given.
# trips: step.keeps_input
# misconception: in-place-arguments
def step(z):
    z = np.asarray(z, dtype=float)
    low = z < 0
    z[low] = 0.0
    z[~low] = 1.0
    return z
