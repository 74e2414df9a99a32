# ko: 출력층의 시그모이드를 빠뜨려 확률이 아니라 로짓을 낸다.
# en: Leaves out the output's sigmoid: logits, not probabilities.
# trips: forward.values, public_forward.values
# misconception: logits-for-probabilities
def forward(params, X):
    return np.tanh(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
