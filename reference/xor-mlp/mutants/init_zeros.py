# ko: 모든 매개변수를 0으로 시작해 은닉 유닛이 서로 같다.
# en: Everything starts at zero, so that all hidden units are alike.
# trips: init_params.not_symmetric
# misconception: zero-initialization
def init_params(n_in, n_hidden, n_out, seed):
    return {
        "W1": np.zeros((n_in, n_hidden)),
        "b1": np.zeros(n_hidden),
        "W2": np.zeros((n_hidden, n_out)),
        "b2": np.zeros(n_out),
    }
