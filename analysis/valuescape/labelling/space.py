"""The space conversations are compared in: learnt once from texts, without any label."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from valuescape.labelling.features import (
    Counts,
    Scaling,
    fit_scaling,
    scaled_families,
    scaled_form,
)
from valuescape.labelling.latent import (
    POINT_STEPS,
    Latent,
    closeness,
    fit_latent,
    latent_points,
    stepped_points,
)

Array = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]

CURVATURE = 1.1


@dataclass(frozen=True, slots=True)
class Space:
    """How n-grams are weighed, and the latent directions among them."""

    scaling: Scaling
    latent: Latent


@dataclass(frozen=True, slots=True)
class Placed:
    """The n read conversations in a space, with all that fits on them need.

    Attributes
    ----------
    space : Space
        Where they are.
    features : csr_matrix of float32, shape (n, n_buckets)
        Scaled families.
    form : ndarray of float32, shape (n, len(FORM))
        Scaled measures of form.
    points : ndarray of int8, shape (n, q + len(FORM))
        Latent places.
    products, near : ndarray of float32, shape (n, n)
        Inner products of the features; closeness of the latent places.
    """

    space: Space
    features: sparse.csr_matrix
    form: Array
    points: npt.NDArray[np.int8]
    products: Array
    near: Array

    def rows(self, index: Index) -> Placed:
        """Return some of the conversations, in the same space."""
        both = np.ix_(index, index)
        return Placed(
            self.space,
            self.features[index],
            self.form[index],
            self.points[index],
            self.products[both],
            self.near[both],
        )

    def kernel(self) -> Array:
        """Return the kernel of all heads: n-grams and form linear, latent places Gaussian."""
        total: Array = self.products + self.form @ self.form.T + CURVATURE * self.near
        return total


def fit_space(texts: Counts) -> Space:
    """Learn document frequencies and latent directions from texts.

    Parameters
    ----------
    texts : Counts
        Features of at least one conversation, read or not.

    Returns
    -------
    Space
        The same for the same texts in the same order.
    """
    scaling = fit_scaling(texts)
    return Space(scaling, fit_latent(scaled_families(texts, scaling)))


def placed(counts: Counts, space: Space) -> Placed:
    """Place conversations in a space and compare each with each."""
    features, form = scaled_families(counts, space.scaling), scaled_form(counts, space.scaling)
    points = stepped_points(latent_points(features, form, space.latent))
    return Placed(
        space,
        features,
        form,
        points,
        products=(features @ features.T).toarray(),
        near=closeness(points.astype(np.float32) / np.float32(POINT_STEPS), points),
    )
