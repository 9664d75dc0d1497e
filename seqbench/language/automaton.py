"""A probabilistic finite automaton: each state emits one symbol, and walks are drawn for many sequences at once."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_array

State = TypeVar("State", bound=Hashable)
Edges = dict[State, list[tuple[int | float, State]]]


class Automaton(Generic[State]):
    """All states on a way from `start` to `final`; the weights of a state's ways there are normalised to one.

    `successors` gives the next states with their weights. No state may be entered twice in a walk. ValueError where
    no way leads from `start` to `final`.
    """

    def __init__(
        self, start: State, final: State, successors: Callable[[State], Iterable[tuple[float, State]]]
    ) -> None:
        edges = _explore(start, successors)
        alive = _reaching(final, edges)
        if start not in alive:
            raise ValueError(f"no way leads from {start} to {final}")
        self.states = [state for state in edges if state in alive]
        index = {state: i for i, state in enumerate(self.states)}
        self.final = index[final]
        arcs = [(index[a], index[b], w) for a in self.states for w, b in edges[a] if b in alive]
        rows, columns, weights = map(np.array, zip(*arcs, strict=True))
        weights = weights / np.bincount(rows, weights)[rows]
        #: Probability of each state after each other.
        self.transitions = csr_array((weights, (rows, columns)), shape=(len(index), len(index)))
        self._tabulate(rows, columns, weights)
        self.visits, self.longest = self._propagate()

    def _tabulate(self, rows: np.ndarray, columns: np.ndarray, weights: np.ndarray) -> None:
        """The ways out of each state side by side, padded with the last: a draw in [0, 1) chooses among them."""
        order = np.argsort(rows, kind="stable")
        counts = np.bincount(rows, minlength=len(self.states))
        ways = max(counts)
        self._next = np.full((len(self.states), ways), self.final)
        self._below = np.full((len(self.states), ways), 2.0)
        for state, arcs in enumerate(np.split(order, np.cumsum(counts)[:-1])):
            self._next[state, : len(arcs)] = columns[arcs]
            self._below[state, : max(len(arcs) - 1, 0)] = np.cumsum(weights[arcs])[:-1]

    def _propagate(self) -> tuple[Float[np.ndarray, " states"], int]:
        """How often a walk is expected in each state, and the steps of the longest walk."""
        here = np.zeros(len(self.states))
        here[0], steps = 1, -1
        visits, before = np.zeros_like(here), self.transitions.T.tocsr()
        while here.any():
            visits += here
            here, steps = before @ here, steps + 1
        return visits, steps

    def walk(self, rng: np.random.Generator, size: int) -> Int[np.ndarray, "size steps"]:
        """States, without the start, of `size` walks; a walk that has ended stays in the final state."""
        draws = rng.random((self.longest, size, 1))
        state, states = np.zeros(size, dtype=np.intp), []
        for draw in draws:
            way = (draw < self._below.take(state, axis=0)).argmax(1)  # the first that the draw lies below
            state = self._next[state, way]
            states.append(state)
        walks = np.stack(states, axis=1)
        return walks[:, : 1 + (walks == self.final).all(0).argmax()]


def _explore(start: State, successors: Callable[[State], Iterable[tuple[float, State]]]) -> Edges[State]:
    """Every state that can be reached, the start first, with its weighted successors; no weight is no way."""
    edges: Edges[State] = {}
    waiting = [start]
    while waiting:
        if (state := waiting.pop()) not in edges:
            edges[state] = [(weight, following) for weight, following in successors(state) if weight > 0]
            waiting.extend(following for _, following in edges[state])
    return edges


def _reaching(final: State, edges: Edges[State]) -> set[State]:
    """The states from which a way leads to `final`."""
    before: dict[State, list[State]] = {state: [] for state in edges}
    for state, following in edges.items():
        for _, other in following:
            before[other].append(state)
    alive, waiting = {final}, [final]
    while waiting:
        fresh = [state for state in before.get(waiting.pop(), []) if state not in alive]
        alive.update(fresh)
        waiting.extend(fresh)
    return alive
