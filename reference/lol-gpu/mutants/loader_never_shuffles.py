# ko: shuffle 인자를 쓰지 않고 언제나 순서대로 낸다.
# en: Ignores shuffle and always keeps the order.
# trips: make_loader.shuffled
# misconception: shuffle-ignored
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    order = torch.Generator().manual_seed(seed)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=False, generator=order)
