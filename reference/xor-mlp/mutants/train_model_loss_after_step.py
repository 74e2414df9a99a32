# ko: 걸음을 뗀 뒤에 손실을 다시 구해 적는다.
# en: Computes and records the loss anew after the step.
# trips: train_model.before_step
# misconception: loss-after-step
def train_model(model, X, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        criterion(model(X), y).backward()
        optimizer.step()
        losses.append(criterion(model(X), y).item())
    return losses
