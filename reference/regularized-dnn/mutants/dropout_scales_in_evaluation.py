# ko: 학습 때는 그대로 두고, 평가 때 1-p를 곱한다 (inverted가 아님).
# en: Leaves training alone and multiplies by 1-p in evaluation: not inverted.
# trips: dropout.identity, dropout.scale
# misconception: dropout-scaled-at-evaluation
def dropout(x, p, training, generator):
    if not training:
        return x * (1 - p)
    return x * (torch.rand(x.shape, generator=generator) >= p)
