# ko: 학습이 아닐 때도 값을 끈다.
# en: Drops values outside training as well.
# trips: dropout.identity, public_dropout.ones
# misconception: dropout-at-evaluation
def dropout(x, p, training, generator):
    return x * (torch.rand(x.shape, generator=generator) >= p) / (1 - p)
