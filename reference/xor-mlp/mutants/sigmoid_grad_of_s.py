# ko: z가 이미 시그모이드를 지난 값이라고 생각한다: z(1 - z).
# en: Takes z for what has been through the sigmoid already: z * (1 - z).
# trips: sigmoid_grad.values, sigmoid_grad.extreme, public_sigmoid.grad
# misconception: before-or-after-activation
def sigmoid_grad(z):
    return z * (1 - z)
