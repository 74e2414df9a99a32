# ko: 출력을 펴서 (n, 1)이 아니라 (n,)이다.
# en: Flattens the output: (n,), not (n, 1).
# trips: build_model.output, public_model.logits
# misconception: column-or-vector
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, n_hidden), nn.Tanh(), nn.Linear(n_hidden, 1), nn.Flatten(0))
