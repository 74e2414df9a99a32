# ko: 종류에 상관없이 xavier를 쓴다.
# en: Uses xavier whatever the kind.
# trips: init_weight.std
# misconception: xavier-for-everything
def init_weight(n_in, n_out, kind, seed):
    return (2 / (n_in + n_out)) ** 0.5 * torch.randn(n_out, n_in, generator=torch.Generator().manual_seed(seed))
