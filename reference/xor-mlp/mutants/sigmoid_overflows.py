# ko: 지수가 양수인 식만 써서 z = 1000에서 inf/inf = nan이 된다.
# en: Uses the form with a positive exponent only: inf / inf is nan at z = 1000.
# trips: sigmoid.extreme, sigmoid_grad.extreme, forward.saturated
# misconception: exp-overflow
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))
