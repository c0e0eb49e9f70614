"""Batches of augmented, normalised pictures on the device, computed as whole tensors."""

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.catalog.augmentations import Augmentation
from engine.data.augmenting.crops import RandomCrop
from engine.data.augmenting.draws import Draws, epoch_order, generator
from engine.data.augmenting.recipe import Canvas, Recipe
from engine.data.dataset import LazyPictures, Pictures
from engine.data.mixing import Mixed, Mixing, mix
from engine.data.photographs.cutting import PhotographWindows, fitted_batches
from engine.data.photographs.source import Photographs, as_photographs
from engine.data.resize import centre_crop, resize, shrunk
from engine.data.storage import fits_resized, scaled_padding, short_side
from engine.data.windows import Windows, as_tensor, fetch_batches, make_windows
from engine.errors import ConfigError


class Normalise:
    """Compute (x / 255 − mean) / std in two passes over memory, then set the model's memory layout."""

    def __init__(
        self, mean: Sequence[float], std: Sequence[float], size: int, device: torch.device, channels_last: bool,
    ) -> None:
        spread = torch.tensor(std, dtype=torch.float64)
        pixels = size * size
        self._scale = (1 / (255 * spread)).repeat(pixels).float().to(device)
        self._shift = (-torch.tensor(mean, dtype=torch.float64) / spread).repeat(pixels).float().to(device)
        self._channels_last = channels_last

    def __call__(self, images: Tensor) -> Tensor:
        """Convert uint8 [B, size, size, C] to float32 [B, C, size, size]."""
        return self.laid_out(self.levels(images))

    def levels(self, images: Tensor) -> Tensor:
        """Convert uint8 [B, size, size, C] to float32 of the same shape."""
        flat = images.reshape(len(images), -1).float()
        return torch.addcmul(self._shift, flat, self._scale, out=flat).view(images.shape)

    def laid_out(self, pictures: Tensor) -> Tensor:
        """Permute float32 [B, size, size, C] to [B, C, size, size]."""
        if self._channels_last:
            return pictures.permute(0, 3, 1, 2)
        count, height, width, channels = pictures.shape
        # For one channel the bytes stay, but with these strides layers do not treat the batch as channels_last.
        return pictures.view(count, 1, height, width) if channels == 1 else pictures.permute(0, 3, 1, 2).contiguous()


Batch = tuple[Tensor, Tensor]
TrainBatch = tuple[Tensor, Tensor | Mixed]


class TrainBatches:
    """Shuffled, augmented, normalised and mixed batches of a training set.

    Args:
        images: uint8 [N, H, W, C], or a lazy set, whose pictures are read ahead in the background; with ``crop``
        photographs of any sizes.
        targets: integer [N], or [N, K].
        size: side of the model's input; other pictures are resized (bilinear, antialiased) before cropping.
        mean, std: one number per channel, where 255 is 1.
        seed: with the epoch's number it determines all randomness, on any device.
        channels_last: memory layout of the batches.
        flips: whether pictures of this data set may be mirrored.
        mixing: how pairs are mixed; None: no mixing.
        train_scale: smallest and largest short side in pixels before the crop of a scaled augmentation.
        steps_per_epoch: number of full batches per epoch, in as many passes as needed; None: one pass.
        balanced, repeats: how the pictures of an epoch are drawn, see :func:`epoch_order`.
        crop: the crop of a cropped augmentation; None: the usual one.
        sides: side in pixels to which the finished pictures of each epoch are resized; later epochs have the last;
        empty: ``size``.

    Raises:
        ConfigError: ``train_scale`` is smaller than ``size``.
    """

    def __init__(
        self, images: Pictures | LazyPictures, targets: NDArray[np.integer], *, batch_size: int,
        augmentation: Augmentation, size: int, mean: Sequence[float], std: Sequence[float], seed: int,
        device: torch.device | str, channels_last: bool, flips: bool, mixing: Mixing | None = None,
        train_scale: tuple[int, int] | None = None, steps_per_epoch: int | None = None,
        balanced: bool = False, repeats: int = 1, crop: RandomCrop | None = None, sides: Sequence[int] = (),
    ) -> None:
        self._balanced, self._repeats, self._grown = balanced, repeats, tuple(sides) or (size,)
        self._batch_size, self._seed, self._size, self._device = batch_size, seed, size, torch.device(device)
        self._recipe, self._mixing = Recipe(augmentation, Canvas(size, images.shape[3], flips)), mixing
        self._flip, self._crop = augmentation.flip and flips, (crop or RandomCrop()) if augmentation.cropped else None
        self._padding = scaled_padding(augmentation, size)
        self._scales = _checked(train_scale, size) if augmentation.scaled else None
        self._sides, self._windows = images.shape[1:3], self._make_windows(images)
        self._targets = torch.as_tensor(targets, dtype=torch.int64)
        self._normalise = Normalise(mean, std, size, self._device, channels_last)
        self._lengths = batch_lengths(len(self._targets), batch_size, steps_per_epoch)

    def _make_windows(self, images: Pictures | LazyPictures) -> Windows | PhotographWindows:
        if self._crop:
            photographs = as_photographs(images)
            self._sizes = torch.from_numpy(photographs.sizes)
            return PhotographWindows(photographs, size=self._size, interpolation=self._crop.interpolation,
                                     device=self._device)
        return make_windows(images, size=self._size, padding=self._padding, flips=self._flip, scales=self._scales,
                            device=self._device)

    @property
    def device(self) -> torch.device:
        """Where the batches lie."""
        return self._device

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch; a last batch of a single picture is skipped, as batch norm needs two."""
        return len(self._lengths)

    def epoch(self, epoch: int, start_step: int = 0) -> Iterator[TrainBatch]:
        """Yield the batches of one epoch from ``start_step`` on, the same as without skipping.

        Yields:
            Pictures float32 [B, C, size, size], or of the epoch's side, and their targets int64 or, with mixing,
            :class:`Mixed`; on the device.
        """
        draws = self.draws(epoch)
        targets = self._targets[draws.order].to(self._device)
        parts = [slice(step * self._batch_size, (step + 1) * self._batch_size)
                 for step in range(start_step, self.steps_per_epoch)]
        with closing(self._windows.read(draws, parts)) as batches:
            side = self._grown[min(epoch, len(self._grown)) - 1]
            for part, pictures in zip(parts, batches, strict=True):
                batch, labels = self._finished(pictures, targets[part], draws, part)
                yield shrunk(batch, side), labels

    def draws(self, epoch: int) -> Draws:
        """Return all random numbers of an epoch, from one generator on the CPU."""
        random = generator(self._seed, epoch)
        count = max(len(self._targets), sum(self._lengths))
        order = epoch_order(self._targets, count, random, balanced=self._balanced, repeats=self._repeats)
        boxes = self._crop.draw(self._sizes[order], random) if self._crop else None
        scales, tops, lefts = self._draw_windows(count, random)
        return Draws(
            order, tops, lefts, torch.randint(2, (count,), generator=random).bool() & self._flip, scales,
            self._recipe.draw(count, random),
            mix=self._mixing.draws(self._lengths, self._size, random) if self._mixing else None, boxes=boxes)

    def _draw_windows(self, count: int, random: torch.Generator) -> tuple[Tensor | None, Tensor, Tensor]:
        if not self._scales:  # an offset of a picture without padding is always 0
            offsets = 2 * self._padding + 1
            tops, lefts = (torch.randint(offsets, (count,), generator=random) for _ in range(2))
            return None, tops, lefts
        smallest, largest = self._scales
        scales = torch.randint(smallest, largest + 1, (count,), generator=random)
        sides = torch.tensor([short_side(self._sides, scale) for scale in range(smallest, largest + 1)])
        room = sides[scales - smallest] - self._size + 1
        tops, lefts = (torch.rand(count, 2, generator=random) * room).long().unbind(1)
        return scales, tops, lefts

    def _finished(self, pictures: Tensor, targets: Tensor, draws: Draws, part: slice) -> TrainBatch:
        """Turn cropped pictures, uint8 [B, size, size, C], into the model's input."""
        varied = self._recipe.vary(pictures, draws.drawn, part.start)
        batch = self._recipe.vary_normalised(self._normalise.levels(varied), draws.drawn, part.start)
        labels: Tensor | Mixed = targets
        if draws.mix:
            batch, labels = mix(batch, targets, draws.mix.shares[part], draws.mix.boxes[part])
        return self._normalise.laid_out(batch), labels


class EvalBatches:
    """Normalised batches in the set's own order; arguments and batches as in :class:`TrainBatches`.

    Args:
        scale: short side in pixels to which pictures are resized before the centre crop, padded with black if smaller
        than ``size``; 0: pictures are resized to ``size`` square, which photographs of many sizes cannot be.
        flip: whether to mirror every picture left–right.
        interpolation: ``bilinear`` or ``bicubic``, of photographs.
    """

    def __init__(
        self, images: Pictures | LazyPictures, targets: NDArray[np.integer], *, batch_size: int, size: int,
        mean: Sequence[float], std: Sequence[float], device: torch.device | str, channels_last: bool, scale: int = 0,
        flip: bool = False, interpolation: str = "",
    ) -> None:
        self._size, self._scale, self._flip, self._interpolation = size, scale, flip, interpolation
        self._batch_size, self._device = batch_size, torch.device(device)
        self._images: Tensor | LazyPictures = as_photographs(images) if interpolation else \
            as_tensor(images) if isinstance(images, np.ndarray) else images
        self._fitted = isinstance(self._images, Tensor) \
            and fits_resized(len(images), (size, size), images.shape[3])
        if self._fitted and isinstance(self._images, Tensor):
            self._images = self._fit(self._images)
        self._targets = torch.as_tensor(targets, dtype=torch.int64)
        self._normalise = Normalise(mean, std, size, self._device, channels_last)

    def __len__(self) -> int:
        return math.ceil(len(self._targets) / self._batch_size)

    def __iter__(self) -> Iterator[Batch]:
        starts = range(0, len(self._targets), self._batch_size)
        parts = [slice(start, start + self._batch_size) for start in starts]
        with closing(self._pictures(parts)) as batches:
            for part, images in zip(parts, batches, strict=True):
                pictures = images.flip(2) if self._flip else images
                yield self._normalise(pictures), self._targets[part].to(self._device)

    def _pictures(self, parts: Sequence[slice]) -> Generator[Tensor, None, None]:
        if self._interpolation:
            assert isinstance(self._images, Photographs)
            yield from fitted_batches(self._images, parts, scale=self._scale, size=self._size,
                                      interpolation=self._interpolation, device=self._device)
            return
        places = torch.arange(len(self._targets))
        with closing(fetch_batches(self._images, [places[part] for part in parts], self._device)) as batches:
            for images in batches:
                yield images if self._fitted else self._fit(images)

    def _fit(self, images: Tensor) -> Tensor:
        if not self._scale:
            return resize(images, self._size, self._size)
        scaled = resize(images, *short_side(images.shape[1:3], self._scale))
        return centre_crop(scaled, self._size).contiguous()


def _checked(train_scale: tuple[int, int] | None, size: int) -> tuple[int, int]:
    if train_scale is None:
        raise ValueError("a scaled augmentation needs train_scale")
    if train_scale[0] < size:
        raise ConfigError("train_scale", "-".join(map(str, dict.fromkeys(train_scale))),
                          f"at least {size}, the side of the pictures that are cropped from it")
    return train_scale


def batch_lengths(pictures: int, batch_size: int, steps: int | None) -> list[int]:
    """Return the size of each batch of an epoch: ``steps`` full ones, or one pass. A last batch of a single picture is
    skipped, as batch norm needs two."""
    if steps is not None:
        return [batch_size] * steps
    lengths = [batch_size] * (pictures // batch_size) + [pictures % batch_size] * (pictures % batch_size > 0)
    lonely = batch_size > 1 and pictures > 1 and lengths[-1] == 1
    return lengths[:-1] if lonely else lengths
