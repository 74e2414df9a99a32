# ko: 클래스마다 하나씩 출력이 둘이다.
# en: Two outputs, one for each class.
# trips: build_model.output, public_model.logits
# misconception: one-output-a-class
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, n_hidden), nn.Tanh(), nn.Linear(n_hidden, 2))
