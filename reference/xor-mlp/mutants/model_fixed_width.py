# ko: n_hidden을 쓰지 않고 폭이 언제나 8이다.
# en: Ignores n_hidden: always 8 wide.
# trips: build_model.width
# misconception: fixed-sizes
def build_model(n_hidden=8):
    return nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
