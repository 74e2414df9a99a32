# ko: seed를 무시하고 늘 같은 시드로 섞는다.
# en: Ignores seed and always shuffles alike.
# trips: make_loader.seeded
# misconception: seed-ignored
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    order = torch.Generator().manual_seed(42)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle, generator=order)
