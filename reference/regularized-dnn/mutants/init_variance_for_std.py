# ko: 분산을 표준편차 자리에 넣는다.
# en: Puts the variance where the standard deviation belongs.
# trips: init_weight.std, public_init.he
# misconception: init-variance-for-std
def init_weight(n_in, n_out, kind, seed):
    variance = {"xavier": 2 / (n_in + n_out), "he": 2 / n_in}[kind]
    return variance * torch.randn(n_out, n_in, generator=torch.Generator().manual_seed(seed))
