# ko: he에서 n_in 대신 n_out을 쓴다.
# en: Takes n_out in place of n_in for he.
# trips: init_weight.std
# misconception: swapped-fans
def init_weight(n_in, n_out, kind, seed):
    std = {"xavier": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_out) ** 0.5}[kind]
    return std * torch.randn(n_out, n_in, generator=torch.Generator().manual_seed(seed))
