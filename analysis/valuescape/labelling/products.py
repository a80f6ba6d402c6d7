"""Matrix products in which no row's result depends on how many rows there are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse


def by_row(
    left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return ``left @ right``, every row added up in the same order, bit for bit."""
    product: npt.NDArray[np.float32] = sparse.csr_matrix(left) @ right
    return product
