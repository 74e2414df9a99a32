# ko: 마지막에 ReLU가 있어 로짓이 음수가 되지 못한다.
# en: A ReLU at the end: no logit can be negative.
# trips: build_model.unbounded
# misconception: relu-at-the-end
def build_model(n_features=48):
    return nn.Sequential(nn.Linear(n_features, 32), nn.ReLU(), nn.Linear(32, 1), nn.ReLU())
