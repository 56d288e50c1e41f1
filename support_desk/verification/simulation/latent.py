"""One latent trait per person, cut into equally likely bins: what it makes of a probability."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]
BINS = 256


def given_latent(probability: float, correlation: float) -> Array:
    """The probability in each bin: rising from bin to bin with the correlation, the mean as given."""
    if probability in (0.0, 1.0) or not correlation:
        return np.full(BINS, probability)
    trait = ndtri((np.arange(BINS) + 0.5) / BINS)
    bins = ndtr((ndtri(probability) + np.sqrt(correlation) * trait) / np.sqrt(1 - correlation))
    return np.minimum(1.0, bins * (probability / bins.mean()))
