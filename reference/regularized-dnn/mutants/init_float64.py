# ko: float64로 돌려준다.
# en: Returns float64.
# trips: init_weight.shape
# misconception: float64-tensor
def init_weight(n_in, n_out, kind, seed):
    std = {"xavier": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_in) ** 0.5}[kind]
    return torch.as_tensor(np.random.default_rng(seed).normal(0, std, (n_out, n_in)))
