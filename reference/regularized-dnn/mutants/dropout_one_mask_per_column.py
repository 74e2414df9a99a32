# ko: 열이 통째로 꺼진다.
# en: Drops whole columns.
# trips: dropout.rate
# misconception: dropout-shared-mask
def dropout(x, p, training, generator):
    if not training:
        return x
    return x * (torch.rand(x.shape[-1], generator=generator) >= p) / (1 - p)
