# ko: 받은 생성기가 아니라 전역 난수에서 뽑는다.
# en: Draws from global random numbers, not from the generator.
# trips: dropout.generator
# misconception: seed-ignored
def dropout(x, p, training, generator):
    return nn.functional.dropout(x, p, training)
