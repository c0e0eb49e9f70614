"""Devices and number formats; weights and optimizer stay float32."""

from contextlib import AbstractContextManager

import torch

from engine.errors import ConfigError


def pick_device(name: str) -> torch.device:
    """Return the device of this name; ``auto`` is the first accelerator, else the CPU.

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
        raise ConfigError("device", name, "a device of this machine; choose auto for the available one")
    return device


DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Precision:
    """A number format on a device.

    ``scaler`` scales the loss so that float16 gradients do not underflow (Micikevicius et al., 2018); it does nothing
    for other formats.

    Raises:
        ConfigError: the device does not support the format, or only emulates it.
    """

    def __init__(self, name: str, device: torch.device) -> None:
        if not _native(name, device):
            devices = {"bf16": "a processor or GPU that computes bfloat16 natively", "fp16": "a GPU"}
            raise ConfigError("precision", name, f"for this device ({device.type}): it needs {devices[name]}; use fp32")
        self._device, self.dtype = device.type, DTYPES[name]
        self.scaler = torch.amp.GradScaler(device.type, enabled=name == "fp16")

    @property
    def mixed(self) -> bool:
        return self.dtype != torch.float32

    def autocast(self) -> AbstractContextManager[None]:
        """Return a context in which safe operations use the format."""
        return torch.autocast(self._device, self.dtype, enabled=self.mixed)


def _native(name: str, device: torch.device) -> bool:
    if name == "fp32" or device.type == "mps":
        return True
    if device.type == "cuda":
        return name == "fp16" or torch.cuda.is_bf16_supported(including_emulation=False)
    return name == "bf16" and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
