"""Where a run computes."""

from __future__ import annotations

import torch

from engine.errors import ConfigError


def pick_device(name: str) -> torch.device:
    """The device a name means here; ``auto`` is the first accelerator, else the CPU.

    Raises:
        ConfigError: this machine does not have it.
    """
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    if name == "auto":
        return found or torch.device("cpu")
    if name == "cpu":
        return torch.device("cpu")
    device = torch.device(name)
    if found is None or found.type != device.type or (device.index or 0) >= torch.accelerator.device_count():
        raise ConfigError("device", name, "a device of this machine; auto takes what there is")
    return device
