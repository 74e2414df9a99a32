# ko: 배치가 float64이다.
# en: The batches are float64.
# trips: make_loader.types
# misconception: float64-tensor
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float64)
    targets = torch.tensor(y, dtype=torch.float64).reshape(-1, 1)
    order = torch.Generator().manual_seed(seed)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle, generator=order)
