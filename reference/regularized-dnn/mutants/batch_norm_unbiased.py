# ko: 분산을 n - 1로 나눈다.
# en: Divides the variance by n - 1.
# trips: batch_norm.values, public_batch_norm.values
# misconception: unbiased-batch-variance
def batch_norm(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(dim=0)) / torch.sqrt(x.var(dim=0) + eps) + beta
