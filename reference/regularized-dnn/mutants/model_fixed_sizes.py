# ko: 크기를 64와 10으로 적어 두어 인자를 쓰지 않는다.
# en: Writes the sizes 64 and 10 and does not use the arguments.
# trips: build_model.logits
# misconception: fixed-sizes
def build_model(n_in, n_classes):
    return nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10))
