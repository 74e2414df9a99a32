# ko: DataLoader가 아니라 배치의 목록을 돌려준다.
# en: Returns a list of batches, not a DataLoader.
# trips: make_loader.sizes, public_loader.eleven
def make_loader(X, y, batch_size, shuffle, seed):
    order = np.random.default_rng(seed).permutation(len(X)) if shuffle else np.arange(len(X))
    inputs, targets = torch.tensor(X[order]).float(), torch.tensor(y[order]).float()[:, None]
    return list(zip(inputs.split(batch_size), targets.split(batch_size)))
