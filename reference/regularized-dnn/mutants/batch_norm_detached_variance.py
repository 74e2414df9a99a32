# ko: 분산만 detach한다.
# en: Detaches the variance alone.
# trips: batch_norm.gradient
# misconception: detached-batch-statistics
def batch_norm(x, gamma, beta, eps=1e-5):
    variance = x.var(dim=0, unbiased=False).detach()
    return gamma * (x - x.mean(dim=0)) / torch.sqrt(variance + eps) + beta
