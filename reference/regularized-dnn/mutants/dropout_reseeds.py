# ko: 부를 때마다 생성기의 시드를 다시 맞춰, 언제나 같은 값이 꺼진다.
# en: Seeds the generator at every call, so that the same values are dropped each time.
# trips: dropout.generator
# misconception: generator-reseeded
def dropout(x, p, training, generator):
    if not training:
        return x
    generator.manual_seed(generator.initial_seed())
    return x * (torch.rand(x.shape, generator=generator) >= p) / (1 - p)
