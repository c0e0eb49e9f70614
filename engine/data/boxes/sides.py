"""Typical object sizes relative to their pictures."""

import numpy as np

from engine.boxes.arrays import Annotations, Ints

PERCENTILES = (10, 50, 90)


def side_shares(annotations: Annotations, sizes: Ints) -> tuple[float, ...]:
    """Return the :data:`PERCENTILES` of object sides (root of the area) as shares of the picture's longer side.

    Args:
        sizes: int64 [N, 2], height and width of each picture; 0: unknown.

    Returns:
        Empty if no size is known.
    """
    longer = sizes.max(axis=1)[annotations.picture]
    known = (longer > 0) & (annotations.areas > 0)
    if not known.any():
        return ()
    shares = np.sqrt(annotations.areas[known]) / longer[known]
    return tuple(float(share) for share in np.percentile(shares, PERCENTILES))
