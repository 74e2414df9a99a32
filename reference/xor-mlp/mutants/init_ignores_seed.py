# ko: seed를 받지만 쓰지 않아 부를 때마다 값이 다르다.
# en: Takes a seed and never uses it: each call gives other values.
# trips: init_params.seeded
# misconception: seed-ignored
def init_params(n_in, n_hidden, n_out, seed):
    return {
        "W1": np.random.randn(n_in, n_hidden),
        "b1": np.zeros(n_hidden),
        "W2": np.random.randn(n_hidden, n_out),
        "b2": np.zeros(n_out),
    }
