# ko: eps를 제곱근 밖에서 더한다.
# en: Adds eps outside the root.
# trips: batch_norm.eps
# misconception: eps-outside-root
def batch_norm(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(dim=0)) / (x.std(dim=0, unbiased=False) + eps) + beta
