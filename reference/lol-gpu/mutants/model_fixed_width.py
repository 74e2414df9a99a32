# ko: 첫 층에 48을 적어 두었다.
# en: 48 is written into the first layer.
# trips: build_model.width, public_model.logits
# misconception: fixed-sizes
def build_model(n_features=48):
    return nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1))
