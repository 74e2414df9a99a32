# ko: 평균과 분산을 no_grad 안에서 구해 기울기가 그 길로 흐르지 않는다.
# en: Takes mean and variance under no_grad, which cuts their part of the gradient.
# trips: batch_norm.gradient
# misconception: detached-batch-statistics
def batch_norm(x, gamma, beta, eps=1e-5):
    with torch.no_grad():
        mean, variance = x.mean(dim=0), x.var(dim=0, unbiased=False)
    return gamma * (x - mean) / torch.sqrt(variance + eps) + beta
