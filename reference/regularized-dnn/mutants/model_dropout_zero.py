# ko: 드롭아웃의 확률이 0이라 아무 일도 하지 않는다.
# en: Its dropout has p = 0 and does nothing.
# trips: build_model.regularized
# misconception: dropout-of-zero
def build_model(n_in, n_classes):
    return nn.Sequential(nn.Linear(n_in, 64), nn.ReLU(), nn.Dropout(0.0), nn.Linear(64, n_classes))
