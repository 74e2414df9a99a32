# ko: 열이 아니라 행마다 정규화한다 (layer norm).
# en: Normalizes each row, not each column: layer norm.
# trips: batch_norm.values
# misconception: batch-norm-per-row
def batch_norm(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(dim=1, keepdim=True)
    return gamma * centred / torch.sqrt(x.var(dim=1, keepdim=True, unbiased=False) + eps) + beta
