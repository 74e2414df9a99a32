# ko: 문턱에서 >= 대신 >를 써서, z = 0이 0이 된다.
# en: The threshold uses > instead of >=, so that z = 0 gives 0.
# trips: public_step.values, step.zero, predict.boundary, perceptron_update.tie
# misconception: strict-step
def step(z):
    return np.where(z > 0, 1.0, 0.0)
