# ko: 남은 값을 1/(1-p)배 하지 않는다.
# en: Does not scale what is kept by 1/(1-p).
# trips: dropout.scale, public_dropout.ones
# misconception: dropout-not-rescaled
def dropout(x, p, training, generator):
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator) >= p)
