# ko: 무작위 수 하나를 뽑아 모든 가중치에 쓴다.
# en: Draws one random number and uses it for every weight.
# trips: init_params.not_symmetric
# misconception: symmetric-initialization
def init_params(n_in, n_hidden, n_out, seed):
    value = np.random.default_rng(seed).normal()
    return {
        "W1": np.full((n_in, n_hidden), value),
        "b1": np.zeros(n_hidden),
        "W2": np.full((n_hidden, n_out), value),
        "b2": np.zeros(n_out),
    }
