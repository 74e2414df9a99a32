# ko: 모양이 (n_in, n_out)이다.
# en: The shape is (n_in, n_out).
# trips: init_weight.shape, public_init.he
# misconception: transposed-weight
def init_weight(n_in, n_out, kind, seed):
    std = {"xavier": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_in) ** 0.5}[kind]
    return std * torch.randn(n_in, n_out, generator=torch.Generator().manual_seed(seed))
