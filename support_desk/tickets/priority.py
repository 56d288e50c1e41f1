"""How urgent a case is, from what its owner stands to lose."""

DEFAULT = 10
_BY_TIER = {"V0": 20, "V1": 40, "V2": 60, "V3": 80}


def priority_of(value_tier: str | None) -> int:
    """A number from 0 (last) to 100 (first) for a tier of value at risk."""
    return _BY_TIER.get(value_tier or "", DEFAULT)
