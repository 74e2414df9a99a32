# ko: y를 정수로 남겨 둔다.
# en: Leaves y as integers.
# trips: make_loader.types
# misconception: integer-labels
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.int64).reshape(-1, 1)
    order = torch.Generator().manual_seed(seed)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle, generator=order)
