# ko: 클래스마다 하나씩 로짓을 두 개 낸다.
# en: Two logits, one a class.
# trips: build_model.shape, public_model.logits
# misconception: one-output-a-class
def build_model(n_features=48):
    return nn.Sequential(nn.Linear(n_features, 32), nn.ReLU(), nn.Linear(32, 2))
