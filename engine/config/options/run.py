"""What a run is called."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from engine.config.option import Option, Section


class RunOptions(BaseModel):
    """Name, tags and notes: nothing that decides what is computed."""

    name: Annotated[str, Option(Section.RUN, "What the run is called; empty: named by the convention "
                                "{classes}_{model}[_{size}x{size}]_{augmentation}_{optimizer}.",
                                grid=False, identity=False, aliases=("exp-name",))] = ""
    tags: Annotated[tuple[str, ...], Option(Section.RUN, "Words to find the run by, separated by commas.",
                                            grid=False, identity=False)] = ()
    notes: Annotated[str, Field(max_length=10_000), Option(
        Section.RUN, "Anything worth remembering.", grid=False, identity=False)] = ""
