# ko: batch_size를 무시하고 전체를 한 배치로 낸다.
# en: Ignores batch_size: everything is one batch.
# trips: make_loader.sizes, public_loader.eleven
# misconception: batch-size-ignored
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    order = torch.Generator().manual_seed(seed)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=len(inputs), shuffle=shuffle, generator=order)
