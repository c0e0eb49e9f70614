"""The runs of five published studies as options of Darkroom: facts from their tables, nothing else."""

from __future__ import annotations

from itertools import product

Options = dict[str, object]

# model, size, augmentation, batch, optimizer
_LOW_RES_CIFAR10 = (
    ("resnet18", 32, "default", 64, "Adam"), ("resnet18", 32, "weak", 64, "Adam"),
    ("resnet18", 32, "strong", 64, "Adam"),
    ("efficientnet_b0", 32, "default", 64, "Adam"), ("efficientnet_b0", 32, "default", 64, "SGD"),
    ("efficientnet_b0", 32, "weak", 64, "Adam"),
    ("vit_small_patch32_32", 32, "default", 128, "Adam"), ("vit_small_patch32_32", 32, "weak", 128, "Adam"),
    ("convnext_base", 32, "default", 128, "Adam"), ("convnext_base", 32, "weak", 128, "Adam"),
    ("naflexvit_base_patch16_gap.e300_s576_in1k", 224, "weak", 64, "Adam"),
    ("naflexvit_base_patch16_gap.e300_s576_in1k", 224, "default", 64, "Adam"),
)
_LOW_RES = (*(("CIFAR10", *row) for row in _LOW_RES_CIFAR10), ("CIFAR100", "resnet18", 32, "weak", 128, "Adam"),
            ("TinyImagenet", "resnet18", 224, "default", 128, "Adam"))
_PAIR = ("resnet50", "vit_small_patch16_224")
# model, train scale, test scale
_TINY_VGG = (("a", "36", "36"), ("b", "36", "36"), ("c", "36", "36"), ("c", "40", "40"), ("c", "36-44", "40"),
             ("d", "36", "36"), ("d", "40", "40"), ("d", "36-44", "40"), ("e", "36", "36"), ("e", "40", "40"),
             ("e", "36-44", "40"))


def low_res_survey() -> list[Options]:
    return [{"dataset": dataset, "model": model, "image_size": size, "augmentation": augmentation,
             "batch_size": batch, "optimizer": optimizer, "schedule": "cosine", "epochs": 50}
            for dataset, model, size, augmentation, batch, optimizer in _LOW_RES]


def pretraining_robustness() -> list[Options]:
    data = [("CIFAR10", fraction) for fraction in (1.0, 0.5, 0.2, 0.1)] + [("CIFAR100", 1.0)]
    return [{"dataset": dataset, "train_fraction": fraction, "model": model, "weights": weights, "image_size": 224,
             "epochs": 20, "batch_size": 64, "optimizer": "Adam", "lr": 0.001, "beta1": 0.9, "beta2": 0.999,
             "eps": 1e-8, "weight_decay": 1e-4, "schedule": "cosine"}
            for model, weights, (dataset, fraction) in product(_PAIR, ("scratch", "pretrained"), data)]


def npy_ten_class(data_path: str, fine_tune: str = "all") -> list[Options]:
    return [{"dataset": "npy", "data_path": data_path, "model": model, "weights": weights, "fine_tune": fine_tune,
             "augmentation": augmentation, "early_stopping": 5}
            for model, weights, augmentation in product(_PAIR, ("scratch", "pretrained"), ("default", "weak"))]


def mix_augmentation() -> list[Options]:
    return [{"dataset": dataset, "model": model, "mixing": mixing, "weights": weights, "epochs": 50,
             "batch_size": 256, "optimizer": "Adam", "lr": 0.001}
            for weights, dataset, model, mixing in product(
                ("scratch", "pretrained"), ("CIFAR100", "TinyImagenet"), _PAIR, ("none", "mixup", "cutmix"))]


def tiny_vgg() -> list[Options]:
    return [{"dataset": "CIFAR10", "model": f"tinyvgg_{letter}", "augmentation": "vgg", "train_scale": train,
             "test_scale": test, "tta": "flip", "epochs": 10, "batch_size": 32, "optimizer": "SGD", "lr": 0.01,
             "momentum": 0.9, "nesterov": False, "schedule": "plateau"}
            for letter, train, test in _TINY_VGG]
