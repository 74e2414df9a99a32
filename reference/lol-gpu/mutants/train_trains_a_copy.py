# ko: 받은 모델이 아니라 그 사본을 학습시킨다.
# en: Trains a copy, not the model that it was given.
# trips: train.learns
# misconception: trains-a-copy
import copy


def train(model, loader, epochs, lr, device):
    model = copy.deepcopy(model).to(device)
    model.train()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        total, n = 0.0, 0
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(x)
            n += len(x)
        losses.append(total / n)
    return losses
