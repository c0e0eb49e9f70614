"""The naming convention."""

from engine.config import named, parse_config, proposed_name


def test_the_name_follows_the_convention() -> None:
    config = parse_config({"dataset": "CIFAR100", "model": "resnet18", "augmentation": "weak", "optimizer": "Adam",
                           "lr": 0.001})
    assert proposed_name(config) == "100_resnet18_weak_Adam"
    sized = parse_config({"dataset": "CIFAR10", "model": "resnet18", "image_size": 32})
    assert proposed_name(sized) == "10_resnet18_32x32_default_AdamW"


def test_a_given_name_is_kept() -> None:
    assert named(parse_config({"name": "mine"})).name == "mine"
    assert named(parse_config({})).name == "10_tinyvgg_a_default_AdamW"
