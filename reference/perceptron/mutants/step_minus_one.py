# ko: 출력이 0과 1이 아니라 -1과 1이다.
# en: The outputs are -1 and 1 instead of 0 and 1.
# trips: public_step.values, step.values
# misconception: signed-classes
def step(z):
    return np.where(z >= 0, 1.0, -1.0)
