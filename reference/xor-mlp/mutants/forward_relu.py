# ko: 은닉층에 tanh 대신 ReLU를 쓴다.
# en: The hidden layer uses ReLU, not tanh.
# trips: forward.values, public_forward.values
# misconception: wrong-activation
def forward(params, X):
    H = np.maximum(0, X @ params["W1"] + params["b1"])
    return sigmoid(H @ params["W2"] + params["b2"])
