# ko: 두 선형층 사이에 활성화 함수가 없다.
# en: No activation between the two linear layers.
# trips: build_model.nonlinear, train_model.learns_xor, public_model.learns
# misconception: linear-stack
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, n_hidden), nn.Linear(n_hidden, 1))
