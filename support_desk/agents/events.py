"""What the people of the desk announce to the features above."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class ShiftsChanged:
    """Somebody's shifts changed; seats may have come or gone."""

    agent_id: UUID
