# ko: seed 대신 전역 난수로 섞는다.
# en: Shuffles with the global generator, not with seed.
# trips: make_loader.seeded
# misconception: seed-ignored
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    torch.initial_seed()
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle)
