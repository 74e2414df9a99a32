# ko: 꺼진 값으로도 기울기가 흐른다.
# en: Lets gradients flow through dropped values.
# trips: dropout.gradient
# misconception: gradient-through-dropped
def dropout(x, p, training, generator):
    if not training or p == 0:
        return x
    kept = x * (torch.rand(x.shape, generator=generator) >= p) / (1 - p)
    return x + (kept - x).detach()
