# ko: 모델 끝에 시그모이드가 있어 로짓이 아니라 확률을 낸다.
# en: The model ends in a sigmoid: probabilities, not logits.
# trips: build_model.logits, train_model.learns_xor, public_model.learns
# misconception: double-sigmoid
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, n_hidden), nn.Tanh(), nn.Linear(n_hidden, 1), nn.Sigmoid())
