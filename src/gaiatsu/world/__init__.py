"""What there is before anyone acts: accounts, labels and identities."""

from gaiatsu.world.accounts import Accounts
from gaiatsu.world.world import World

__all__ = ["Accounts", "World"]
