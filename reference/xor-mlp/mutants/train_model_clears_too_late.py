# ko: 역전파와 걸음 사이에서 기울기를 지워 아무것도 배우지 않는다.
# en: Clears the gradients between backward and step, so nothing is learned.
# trips: train_model.learns_xor, public_model.learns
# misconception: nothing-learned
def train_model(model, X, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    criterion = nn.BCEWithLogitsLoss()
    losses = []
    for _ in range(epochs):
        value = criterion(model(X), y)
        value.backward()
        optimizer.zero_grad(set_to_none=False)
        optimizer.step()
        losses.append(value.item())
    return losses
