# ko: X만 섞어 정답과 어긋난다.
# en: Shuffles X alone, away from its labels.
# trips: make_loader.shuffled
# misconception: shuffles-inputs-alone
def make_loader(X, y, batch_size, shuffle, seed):
    inputs = torch.tensor(X, dtype=torch.float32)
    targets = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
    order = torch.Generator().manual_seed(seed)
    inputs = inputs[torch.randperm(len(inputs), generator=order)] if shuffle else inputs
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=False)
