# ko: min_delta를 넘지 못한 개선으로도 best_loss를 고친다.
# en: Moves best_loss for improvements of less than min_delta, too.
# trips: early_stopping.min_delta
# misconception: best-loss-creeps
class EarlyStopping:
    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_epoch = float("inf"), -1
        self.epoch, self.bad = -1, 0

    def step(self, val_loss):
        self.epoch += 1
        if val_loss >= self.best_loss - self.min_delta:
            self.bad += 1
            self.best_loss = min(self.best_loss, val_loss)
        else:
            self.best_loss, self.best_epoch, self.bad = val_loss, self.epoch, 0
        return self.bad >= self.patience
