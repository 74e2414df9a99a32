# ko: p를 남을 확률로 쓴다.
# en: Uses p as the chance to stay.
# trips: dropout.rate, dropout.scale
# misconception: keep-for-drop-probability
def dropout(x, p, training, generator):
    if not training or p == 0:
        return x
    return x * (torch.rand(x.shape, generator=generator) < p) / p
