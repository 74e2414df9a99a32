# ko: 출력을 (n,)으로 편다.
# en: The output is flattened to (n,).
# trips: build_model.shape, public_model.logits
# misconception: column-or-vector
def build_model(n_features=48):
    return nn.Sequential(nn.Linear(n_features, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
