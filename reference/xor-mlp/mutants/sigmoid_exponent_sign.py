# ko: 지수의 부호가 반대다: 1 / (1 + exp(z)).
# en: The exponent has the wrong sign: 1 / (1 + exp(z)).
# trips: sigmoid.values, public_sigmoid.values
# misconception: exponent-sign
def sigmoid(z):
    return 1 - 1 / (1 + np.exp(-np.clip(z, -700, 700)))
