"""Finite groups as tables: elements are numbers, and 0 is the one that changes nothing."""

import functools
import itertools

import numpy as np
from jaxtyping import Int


@functools.cache
def product_table(name: str) -> Int[np.ndarray, "order order"]:
    """Row a, column b: the product ab; of permutations, a is carried out first."""
    number = int(name[1:])
    if name[0] == "Z":
        return np.add.outer(np.arange(number), np.arange(number)) % number
    found = permutations(name)
    places = number ** np.arange(number)[::-1]
    products = found[:, found].swapaxes(0, 1)  # [b, a, i] is b of a of i
    return np.searchsorted(found @ places, products @ places)


@functools.cache
def permutations(name: str) -> Int[np.ndarray, "order things"]:
    """Of Sn, or the even ones of An, in the order of a dictionary: row k takes i to [k, i]."""
    number = int(name[1:])
    every = np.array(list(itertools.permutations(range(number))))
    return every if name[0] == "S" else every[signs(every) > 0]


def signs(found: Int[np.ndarray, "order things"]) -> Int[np.ndarray, " order"]:
    """1 for even permutations and -1 for odd ones: by the number of pairs in the wrong order."""
    pairs = itertools.combinations(range(found.shape[1]), 2)
    found_signs: Int[np.ndarray, " order"] = np.prod(
        [np.where(found[:, i] < found[:, j], 1, -1) for i, j in pairs], axis=0
    )
    return found_signs


def order(name: str) -> int:
    """The number of elements."""
    return len(product_table(name))
