# ko: y의 모양이 (batch,)이다.
# en: y has shape (batch,).
# trips: make_loader.types, public_loader.eleven
# misconception: column-or-vector
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32)
    order = torch.Generator().manual_seed(seed)
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=shuffle, generator=order)
