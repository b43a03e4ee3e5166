"""A services total of each pair split into service sectors by the composition of 2014."""

from __future__ import annotations

import numpy as np

from gaiatsu.world.accounts import Array

PATTERN = 1.0  # US$ million of the general pattern added to each pair of 2014, so that a pair without trade has one


def composition(flows: Array, weights: Array) -> Array:
    """[importer, exporter, service] shares of each service in a pair's services trade; they sum to one.

    flows: [importer, exporter, service] of 2014, home sales on the diagonal; weights: [region, donor]. A pair takes the
    composition of its donors' pair, home sales that of the donors' home sales. Two regions with the same donor take
    what that donor imports and exports in general: shares proportional to imports times exports by service.
    """
    home = np.einsum("nnk->nk", flows)
    imports, exports = flows.sum(axis=1) - home, flows.sum(axis=0) - home
    general = imports[:, None, :] * exports[None, :, :]
    general = general / general.sum(axis=2, keepdims=True)
    total = flows.sum(axis=2, keepdims=True)
    shares = (flows + PATTERN * general) / (total + PATTERN)
    same = np.arange(flows.shape[0])
    shares[same, same] = general[same, same]
    out = np.einsum("na,ib,abk->nik", weights, weights, shares, optimize=True)
    own = np.arange(len(weights))
    out[own, own] = weights @ (home / home.sum(axis=1, keepdims=True))
    return out / out.sum(axis=2, keepdims=True)
