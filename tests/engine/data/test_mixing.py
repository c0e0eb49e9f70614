"""Mixed batches against a loop over their pictures, and against torchvision's with one share a batch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torchvision.transforms import v2

from engine.config import parse_config
from engine.data.mixing import MixDraws, Mixed, Mixing, mix
from engine.training.classification import mixing_of

SIZE, CLASSES = 16, 10


def batch(count: int, channels: int = 3) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(count)
    return (torch.randn(count, SIZE, SIZE, channels, generator=random),
            torch.randint(CLASSES, (count,), generator=random))


def draws(mixing: Mixing, *batches: int, seed: int = 0) -> MixDraws:
    return mixing.draws(batches, SIZE, torch.Generator().manual_seed(seed))


def one_by_one(pictures: Tensor, targets: Tensor, made: MixDraws) -> tuple[Tensor, Tensor]:
    """The mixtures and their soft labels, pixel by pixel where a rectangle is pasted."""
    mixed, soft = [], []
    for place in range(len(pictures)):
        own, other = pictures[place], pictures[place - 1]
        left, top, right, bottom = made.boxes[place].tolist()
        if right > left:
            result = own.clone()
            result[top:bottom, left:right] = other[top:bottom, left:right]
            share = 1 - (right - left) * (bottom - top) / SIZE**2
        else:
            share = float(made.shares[place])
            result = share * own + (1 - share) * other
        label = torch.zeros(CLASSES)
        label[targets[place]] += share
        label[targets[place - 1]] += 1 - share
        mixed.append(result)
        soft.append(label)
    return torch.stack(mixed), torch.stack(soft)


@pytest.mark.parametrize("kind", ["mixup", "cutmix", "both"])
@pytest.mark.parametrize("per_batch", [False, True])
@pytest.mark.parametrize(("count", "channels"), [(40, 3), (33, 1), (1, 3)])
def test_equals_the_loop(kind: str, per_batch: bool, count: int, channels: int) -> None:
    pictures, targets = batch(count, channels)
    made = draws(Mixing(kind, 1.0, 1.0, per_batch), count)
    found, labels = mix(pictures, targets, made.shares, made.boxes)
    expected, soft = one_by_one(pictures, targets, made)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(labels.soft(CLASSES), soft, atol=1e-6, rtol=0)
    assert len(labels) == count and found.shape == pictures.shape


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
def test_one_share_a_batch_is_torchvision_s(kind: str) -> None:
    pictures, targets = batch(20)
    for seed in range(20):
        made = draws(Mixing(kind, 1.0, 1.0, True), 20, seed=seed)
        peer = v2.MixUp(num_classes=CLASSES) if kind == "mixup" else v2.CutMix(num_classes=CLASSES)
        left, top, right, bottom = made.boxes[0].tolist()
        share = float(made.shares[0])
        parameters = {"lam": share, "box": (left, top, right, bottom), "lam_adjusted": share, "batch_size": 20,
                      "labels": targets}
        found, labels = mix(pictures, targets, made.shares, made.boxes)
        torch.testing.assert_close(
            found.permute(0, 3, 1, 2), peer.transform(pictures.permute(0, 3, 1, 2), parameters), atol=1e-6, rtol=0)
        torch.testing.assert_close(labels.soft(CLASSES), peer.transform(targets, parameters), atol=1e-6, rtol=0)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 4.0])
def test_shares_are_beta_distributed(alpha: float) -> None:
    from scipy.stats import beta, kstest

    shares = draws(Mixing("mixup", mixup_alpha=alpha), 20_000).shares.double().numpy()
    assert kstest(shares, beta(alpha, alpha).cdf).pvalue > 1e-3


def test_rectangles_are_as_torchvision_draws_them() -> None:
    from scipy.stats import ks_2samp

    torch.manual_seed(0)
    peer, picture = v2.CutMix(num_classes=2), torch.zeros(1, 3, SIZE, SIZE)
    theirs = [peer.make_params([picture]) for _ in range(5000)]
    ours = draws(Mixing("cutmix"), 5000)
    assert ks_2samp(ours.shares.numpy(), [one["lam_adjusted"] for one in theirs]).pvalue > 1e-3
    for side in range(4):
        assert ks_2samp(ours.boxes[:, side].numpy(), [one["box"][side] for one in theirs]).pvalue > 1e-3
    assert ours.boxes.min() == 0 and ours.boxes.max() == SIZE


def test_both_are_drawn_with_even_chances() -> None:
    made = draws(Mixing("both", 1.0, 1.0), 4000)
    exactly_pasted = (made.shares * SIZE**2 % 1 == 0).float().mean()
    assert 0.47 < exactly_pasted < 0.53


def test_a_share_a_batch_or_a_picture() -> None:
    made = draws(Mixing("mixup", 1.0, per_batch=True), 8, 8, 5)
    for part in (slice(0, 8), slice(8, 16), slice(16, 21)):
        assert len(made.shares[part].unique()) == 1
    assert len(made.shares) == 21 and len(made.shares.unique()) == 3
    assert len(draws(Mixing("mixup", 1.0), 8, 8, 5).shares.unique()) == 21
    both = draws(Mixing("both", per_batch=True), 8)
    assert len(both.boxes.unique(dim=0)) == len(both.shares.unique()) == 1


def test_soft_labels_with_smoothing() -> None:
    labels = Mixed(torch.tensor([0, 1]), torch.tensor([2, 1]), torch.tensor([0.75, 0.4])).to("cpu")
    assert labels.soft(4).tolist() == [[0.75, 0, 0.25, 0], [0, 1, 0, 0]]
    torch.testing.assert_close(labels.soft(4, 0.2), 0.8 * labels.soft(4) + 0.05)


def test_of_a_config() -> None:
    assert mixing_of(parse_config({})) is None
    config = parse_config({"mixing": "both", "mixup_alpha": 0.4, "cutmix_alpha": 0.5, "mix_shares": "per batch"})
    assert mixing_of(config) == Mixing("both", 0.4, 0.5, per_batch=True)
    assert mixing_of(parse_config({"mixing": "cutmix"})) == Mixing("cutmix")
