# ko: 은닉층의 편향을 tanh 뒤에 더한다.
# en: Adds the hidden bias after tanh.
# trips: forward.values, public_forward.values
# misconception: bias-after-activation
def forward(params, X):
    return sigmoid((np.tanh(X @ params["W1"]) + params["b1"]) @ params["W2"] + params["b2"])
