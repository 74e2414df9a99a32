# ko: 가중치의 모양이 PyTorch처럼 (출력, 입력)이다.
# en: The weights have PyTorch's shape, (outputs, inputs).
# trips: init_params.shapes, public_forward.params
# misconception: weights-like-torch
def init_params(n_in, n_hidden, n_out, seed):
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.normal(size=(n_hidden, n_in)),
        "b1": np.zeros(n_hidden),
        "W2": rng.normal(size=(n_out, n_hidden)),
        "b2": np.zeros(n_out),
    }
