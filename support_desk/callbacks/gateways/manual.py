"""The agent's own telephone: the dashboard shows a link, the agent dials and records the outcome."""

from support_desk.callbacks.gateways.protocol import Ring


class Manual:
    """Rings nobody by itself and asks no network, so that it may be asked at any time."""

    def ring(self, attempt_key: str, number: str) -> Ring:
        """A `tel:` link to the number."""
        return Ring(f"tel:{number}")
