"""The naming convention."""

from engine.config import parse_config, proposed_name, with_name


def test_the_name_follows_the_convention() -> None:
    config = parse_config({"dataset": "CIFAR100", "model": "resnet18", "augmentation": "weak", "optimizer": "Adam",
                           "lr": 0.001})
    assert proposed_name(config) == "100_resnet18_weak_Adam"
    sized = parse_config({"dataset": "CIFAR10", "model": "resnet18", "image_size": 32})
    assert proposed_name(sized) == "10_resnet18_32x32_default_AdamW"


def test_a_given_name_is_kept() -> None:
    assert with_name(parse_config({"name": "mine"})).name == "mine"
    assert with_name(parse_config({})).name == "10_tinyvgg_a_default_AdamW"


def test_what_else_is_not_at_its_default_is_told_so_that_names_differ() -> None:
    config = parse_config({"dataset": "CIFAR10", "model": "resnet18", "stem": "cifar", "mixing": "cutmix",
                           "weights": "pretrained", "train_fraction": 0.1})
    assert proposed_name(config) == "10_resnet18_default_AdamW_cifar-stem_cutmix_pretrained_0.1"
