"""How sure a counted share is."""

from scipy.stats import beta

CONFIDENCE = 0.95


def clopper_pearson(found: int, trials: int) -> tuple[float, float]:
    """The exact interval that a share lies in with 95 % confidence. Clopper and Pearson, Biometrika 26 (1934)."""
    rest = (1 - CONFIDENCE) / 2
    low = float(beta.ppf(rest, found, trials - found + 1)) if found else 0.0
    high = float(beta.ppf(1 - rest, found + 1, trials - found)) if found < trials else 1.0
    return low, high
