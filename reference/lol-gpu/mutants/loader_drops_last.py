# ko: 마지막 짧은 배치를 버린다.
# en: Drops the last short batch.
# trips: make_loader.sizes, public_loader.eleven
# misconception: last-batch-dropped
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    order = torch.Generator().manual_seed(seed)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle, generator=order, drop_last=True)
