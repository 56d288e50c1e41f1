"""The imported directory as a population to attack."""

from collections.abc import Callable, Iterable

from support_desk.verification import holders_service
from support_desk.verification.recall_service import shares_now
from support_desk.verification.simulation.population import Holder, Population, sample

MOST_ACCOUNTS = 3_000


def imported_population(
    size: int, watch: Callable[[Iterable[holders_service.Holder]], Iterable[holders_service.Holder]] = iter
) -> Population:
    """`size` accounts that stand for the imported directory; ValueError where nothing has been imported.

    `watch` passes the accounts on while they are read, to show how far it is.
    """
    holders = [
        Holder(each.orders, each.eligible_count, each.tier)
        for each in watch(holders_service.list_holders(MOST_ACCOUNTS))
        if each.orders
    ]
    return sample("imported", holders, shares_now(), size)
