"""Chance that can be repeated by whoever has the key, and by nobody else."""

from __future__ import annotations

import hashlib
import hmac
from random import Random


class Draws(Random):
    """All of `random.Random`, drawn from HMAC-SHA-256 of a counter under a key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._count = 0
        super().__init__()

    def seed(self, *_: object, **__: object) -> None:
        """The key is the seed."""

    def random(self) -> float:
        """A number from 0 to below 1."""
        return self.getrandbits(53) / (1 << 53)

    def getrandbits(self, k: int, /) -> int:
        """A number of k random bits."""
        stream = b""
        while len(stream) * 8 < k:
            self._count += 1
            stream += hmac.new(self._key, self._count.to_bytes(8), hashlib.sha256).digest()
        return int.from_bytes(stream) >> (len(stream) * 8 - k)
