# ko: 모델의 끝에 시그모이드가 있어 손실에서 두 번 씌워진다.
# en: A sigmoid at the end of the model, which the loss then applies once more.
# trips: build_model.unbounded
# misconception: probabilities-in-the-model
def build_model(n_features=48):
    return nn.Sequential(nn.Linear(n_features, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid())
