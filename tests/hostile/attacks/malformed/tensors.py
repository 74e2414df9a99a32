# what: meta, sparse, quantized, complex, half and subclassed tensors, and ones that need a gradient
# place: after
# must: failed
# %%
import torch


class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        raise SystemExit("odd")


def scale(X):
    return torch.ones(3, 2, device="meta")


def mean_square(y):
    return torch.eye(3).to_sparse() if len(y) > 1 else torch.quantize_per_tensor(torch.ones(1), 0.1, 0, torch.qint8)


def mirror(text):
    return torch.ones(2, dtype=torch.complex64).conj()


def fit(X, y):
    return torch.ones(1).as_subclass(Odd)


def limits(text):
    return torch.ones(3, dtype=torch.bfloat16, requires_grad=True)
