# ko: 표준편차는 맞지만 균등분포에서 뽑는다.
# en: Draws from a uniform distribution, with the right deviation.
# trips: init_weight.normal
# misconception: uniform-for-normal
def init_weight(n_in, n_out, kind, seed):
    std = {"xavier": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_in) ** 0.5}[kind]
    uniform = torch.rand(n_out, n_in, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return 3**0.5 * std * uniform
