"""Who depends on whom: value added, imports looked through, concentration, first-order exposure.

    gt.exposure.value_added(world).carried("JPN", "USA")  what part of Japan's value added US final demand carries
    gt.exposure.imports(world).reliance("JPN", "CHN")     production in China called on, face value and looked through
    gt.exposure.concentration(world, "JPN")               how few suppliers, sector by sector
    gt.exposure.dependence(world, "JPN", "USA")           one partner over all ties
    gt.exposure.friends_and_enemies(world)                first-order exposure, from the engine's derivative

Functions that bear their module's name are imported here at once, so that the name means the function.
"""

from gaiatsu.exposure.concentration import concentration, lasting
from gaiatsu.exposure.critical_goods import critical_goods
from gaiatsu.exposure.first_order import friends_and_enemies
from gaiatsu.exposure.imports import imports
from gaiatsu.exposure.research import research_intensive
from gaiatsu.exposure.ties import dependence, trend
from gaiatsu.exposure.value_added import value_added

__all__ = [
    "concentration",
    "critical_goods",
    "dependence",
    "friends_and_enemies",
    "imports",
    "lasting",
    "research_intensive",
    "trend",
    "value_added",
]
