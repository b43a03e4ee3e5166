"""Worlds of any size for the benchmarks: random, asymmetric, with the home bias and sparsity of real ones."""

from __future__ import annotations

import numpy as np

import gaiatsu as gt


def synthetic(regions: int, sectors: int, seed: int = 0) -> gt.World:
    """A closed world with log-normal sizes, about 85 % home trade, duties on goods and small deficits."""
    random = np.random.default_rng(seed)
    size = np.exp(random.normal(0, 1.5, regions))[:, None] * np.exp(random.normal(0, 0.7, (regions, sectors)))
    flows = size[:, None, :] * size[None, :, :] ** 0.8 * np.exp(random.normal(0, 1.0, (regions, regions, sectors)))
    own = np.arange(regions)
    flows[own, own] = 0
    abroad = flows.sum(1)
    flows[own, own] = abroad * random.uniform(3, 9, (regions, sectors))
    goods = sectors * 22 // 50
    duty = np.zeros_like(flows)
    duty[:, :, :goods] = random.uniform(0, 0.15, (regions, regions, goods))
    duty[own, own] = 0
    mix = random.dirichlet(np.full(sectors, 0.3), (regions, sectors)).transpose(0, 2, 1)
    va_share = random.uniform(0.35, 0.75, (regions, sectors))
    flows = _with_final_use(flows, duty, va_share, mix)
    return gt.World.from_arrays(
        regions=[f"R{number}" for number in range(regions)],
        sectors=[f"S{number}" for number in range(sectors)],
        flows=flows,
        duty=duty,
        va_share=va_share,
        input_mix=mix,
        goods=[number < goods for number in range(sectors)],
        name=f"synthetic {regions} x {sectors}",
        year=0,
    )


def _with_final_use(flows: np.ndarray, duty: np.ndarray, va_share: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Scale purchases so that final use is positive everywhere: sales follow a demand of at least ten percent."""
    spending = flows * (1 + duty)
    share = spending / spending.sum(1, keepdims=True)
    final = 0.4 * spending.sum(1)
    total = final.copy()
    for _ in range(200):
        output = (share * total[:, None, :] / (1 + duty)).sum(0)
        total = final + np.einsum("nkj,nj->nk", mix, (1 - va_share) * output)
    return share * total[:, None, :] / (1 + duty)
