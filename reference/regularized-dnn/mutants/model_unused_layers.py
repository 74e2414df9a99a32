# ko: 드롭아웃과 배치 정규화를 만들어 두고 forward에서 쓰지 않는다.
# en: Has dropout and batch norm but forward never passes through them.
# trips: build_model.regularized
# misconception: unused-layer
class Net(nn.Module):
    def __init__(self, n_in, n_classes):
        super().__init__()
        self.first, self.last = nn.Linear(n_in, 64), nn.Linear(64, n_classes)
        self.norm, self.drop = nn.BatchNorm1d(64), nn.Dropout(0.5)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)))


def build_model(n_in, n_classes):
    return Net(n_in, n_classes)
