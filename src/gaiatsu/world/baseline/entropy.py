"""Input tables that meet official totals at the least loss of information.

Minimum cross-entropy with all-positive priors (for which GRAS is RAS): inputs Z[k,j] and final use F[k] of one region
minimise  Σ Z ln(Z/(e·Z0)) + ω Σ F ln(F/(e·F0))  subject to product totals, user totals and total final use. ω < 1 says
that the prior of final use is trusted less than that of the input mix: it is what commodity-flow accounts leave over.
The solution is Z = λ_k Z0 μ_j, F = F0 (λ_k μ_F)^(1/ω); ω = 1/2 makes each λ the root of a quadratic.
"""

from __future__ import annotations

import numpy as np

from gaiatsu.errors import BalanceError
from gaiatsu.world.accounts import Array

STEPS = 5000
TOLERANCE = 1e-12  # of the region's purchases


def balance(inputs: Array, final_use: Array, purchases: Array, cost: Array) -> tuple[Array, Array]:
    """Inputs [input, user] and final use [input] with row sums `purchases` [input] and column sums `cost` [user].

    inputs, final_use: the priors, ≥ 0 in the same unit; a user without cost gets none. The user totals are met exactly,
    product totals within 1e-12. Raises BalanceError when the totals cannot be met.
    """
    income = float(purchases.sum() - cost.sum())
    if income <= 0:
        raise BalanceError("inputs exceed purchases: value added is too small for this output")
    user, final = (cost > 0).astype(np.float64), 1.0
    for _ in range(STEPS):
        linear, square = inputs @ user, final_use * final**2
        root = linear + np.sqrt(linear**2 + 4 * square * purchases)
        product = np.divide(2 * purchases, root, out=np.zeros_like(root), where=root > 0)
        user = np.divide(cost, product @ inputs, out=np.zeros_like(cost), where=cost > 0)
        final = float(np.sqrt(income / (final_use @ product**2)))
        table, left = product[:, None] * inputs * user, final_use * (product * final) ** 2
        gap = float(np.abs(table.sum(axis=1) + left - purchases).max())
        if gap <= TOLERANCE * purchases.sum():
            return table, left
    raise BalanceError(f"balancing did not settle in {STEPS} steps: a product is off by US$ {gap:.3g} million")
