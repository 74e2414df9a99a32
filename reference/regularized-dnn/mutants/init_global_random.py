# ko: seed를 쓰지 않고 전역 난수에서 뽑는다.
# en: Draws from global random numbers, without the seed.
# trips: init_weight.seeded
# misconception: seed-ignored
def init_weight(n_in, n_out, kind, seed):
    std = {"xavier": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_in) ** 0.5}[kind]
    return std * torch.randn(n_out, n_in)
