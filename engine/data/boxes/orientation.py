"""Which pictures boxes lie on: as stored, or as displayed, turned and mirrored by their EXIF orientation."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.data.boxes.files import displayed_size
from engine.data.ledger import Decision, Ledger
from engine.data.readers.box_listing import AnnotatedPicture
from engine.data.reading import overruled

_EDGE = 1.0


@dataclass(frozen=True)
class Turning:
    """How the pictures of a set with an EXIF orientation are read.

    Attributes:
        displayed: whether boxes lie on pictures as displayed, where nothing in a picture's annotation says so.
        always: whether that holds for all of them, as the user says.
        orientations: number of pictures of each orientation.
        known: number of those whose annotations say it, as stored and as displayed.
    """

    displayed: bool
    always: bool
    orientations: Counter[int]
    known: tuple[int, int]

    def applies(self, displayed: bool | None) -> bool:
        """Whether a picture is turned, given what its annotation says."""
        return self.displayed if self.always or displayed is None else displayed

    def noted_in(self, ledger: Ledger) -> Ledger:
        """Return the ledger with the orientations and what was decided."""
        if not self.orientations:
            return ledger
        named = [f"{count:,} with EXIF orientation {number}" for number, count in sorted(self.orientations.items())]
        decisions = (*ledger.decisions, *(() if self.always else self._decisions()))
        return replace(ledger, decisions=decisions, looks={**ledger.looks, "orientation": ", ".join(named)})

    def _decisions(self) -> list[Decision]:
        stored, displayed = self.known
        both = (stored, "stored", "displayed"), (displayed, "displayed", "stored")
        unknown = self.orientations.total() - stored - displayed
        found = [Decision(f"the boxes of {count:,} pictures that EXIF turns lie on them as {how}",
                          "the stated sizes, or boxes that leave the picture otherwise, say so",
                          overruled(f"orientation={other}"))
                 for count, how, other in both if count]
        if unknown:
            how, other = ("displayed", "stored") if self.displayed else ("stored", "displayed")
            reason = "those that can be told do" if stored or displayed else \
                "sizes and boxes fit both ways, and most tools annotate so"
            found.append(Decision(f"the boxes of {unknown:,} pictures that EXIF turns or mirrors are taken to lie on "
                                  f"them as {how}", reason, overruled(f"orientation={other}")))
        return found


def turning(pictures: Sequence[tuple[int, bool | None]], said: str) -> Turning:
    """Decide how pictures are read whose annotations do not tell: as all of those do that tell, else as stored.

    Args:
        pictures: the EXIF orientation of each, 0 if none, and what :func:`says_displayed` found.
        said: ``stored`` or ``displayed`` if the user says so; else empty.
    """
    oriented = [each for each in pictures if each[0]]
    known = sum(shown is False for _, shown in oriented), sum(shown is True for _, shown in oriented)
    displayed = said == "displayed" if said else bool(known[1] and not known[0])
    return Turning(displayed, bool(said), Counter(orientation for orientation, _ in oriented), known)


def says_displayed(annotated: AnnotatedPicture, stored: tuple[int, int], orientation: int) -> bool | None:
    """Return whether an annotation is of the picture as displayed, from its stated size, else from boxes that leave the
    picture one way and not the other; None: both ways are possible.
    """
    displayed = displayed_size(stored, orientation)
    if displayed == stored:
        return None
    if annotated.size in (stored, displayed):
        return annotated.size == displayed
    inside = [_holds(annotated, stored), _holds(annotated, displayed)]
    return inside[1] if inside[0] != inside[1] else None


def _holds(annotated: AnnotatedPicture, size: tuple[int, int]) -> bool:
    height, width = size
    return annotated.shares or all(box.corners[2] <= width + _EDGE and box.corners[3] <= height + _EDGE
                                   for box in annotated.boxes)


def in_pixels(annotated: AnnotatedPicture, size: tuple[int, int]) -> AnnotatedPicture:
    """Return a picture whose boxes are in pixels of its ``size``, not in shares of its sides."""
    if not annotated.shares:
        return annotated
    height, width = size
    boxes = []
    for box in annotated.boxes:
        x1, y1, x2, y2 = box.corners
        boxes.append(replace(box, corners=(x1 * width, y1 * height, x2 * width, y2 * height)))
    return replace(annotated, shares=False, boxes=tuple(boxes))
