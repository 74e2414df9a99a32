# ko: 출력에 시그모이드 대신 softmax를 써서 출력이 하나면 언제나 1이다.
# en: Softmax at the output, which is always 1 for a single output.
# trips: forward.values, public_forward.values, public_loss.value
# misconception: softmax-for-one-output
def forward(params, X):
    A = np.tanh(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    E = np.exp(A - A.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)
