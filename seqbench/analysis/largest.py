"""The answer where nothing was trained: in which arms most of the gradient arrives at the evidence, in which least."""

from collections.abc import Callable, Mapping

from seqbench import wording
from seqbench.analysis import arriving, farthest
from seqbench.analysis.arriving import Where
from seqbench.analysis.farthest import Order, Reach
from seqbench.analysis.findings import Findings
from seqbench.analysis.vanishing import VANISHED


def of_gradients(found: Findings) -> list[str]:
    """Before training, of which arms it is largest and of which smallest; who is not compared, and why."""
    table = arriving.table(found.summary)
    orders = {task: farthest.order(reaches) for task, reaches in arriving.reaches_by_task(table).items()}
    if not orders:
        return ["No run was trained, and no gradient was measured."]
    rule = "; ".join(filter(None, ("median over runs", arriving.stepless(table))))
    where = Where(table)
    return [
        f"Before training{where.of_all}, the gradient at the evidence relative to that at the question ({rule}) is "
        f"{_largest(orders, where)}.",
        *_vanishing(orders, where),
        *_sentence("It is smallest in", {task: order.least for task, order in orders.items()}, where),
        *_sentence("Not compared:", arriving.left_out(table), wording.listed),
    ]


def _largest(orders: Mapping[str, Order], where: Where) -> str:
    """ "largest in lstm (0.10 on copy)"; of arms that are level or alone, there is no largest."""
    kinds: list[tuple[str, Callable[[Order], bool]]] = [
        ("largest in", lambda it: bool(it.least)),
        ("the same in", lambda it: not it.least and len(it.farthest) > 1),
        ("measured in one arm alone,", lambda it: len(it.farthest) == 1 and not it.least),
    ]
    told = [(head, {task: it.farthest for task, it in orders.items() if of(it)}) for head, of in kinds]
    return ", ".join(f"{head} {_listed(own, where)}" for head, own in told if own)


def _vanishing(orders: Mapping[str, Order], where: Where) -> list[str]:
    """On which tasks none of it is worth the name of largest."""
    gone = [task for task, it in orders.items() if it.farthest[0].high < VANISHED]
    on = "" if len(gone) == len(orders) else f"On {where(gone)}, "
    told = "even the largest is less than a thousandth: the gradient vanishes in all arms."
    return [f"{on}{told}" if on else told.capitalize()] if gone else []


def _sentence(head: str, told: Mapping[str, list[Reach]], where: Callable[[list[str]], str]) -> list[str]:
    return [f"{head} {_listed(told, where)}."] if any(told.values()) else []


def _listed(by_task: Mapping[str, list[Reach]], where: Callable[[list[str]], str]) -> str:
    """ "gru and lstm (0.10 on copy, 0.20 on adding); rnn (1·10⁻⁴ on adding and copy)": each arm once."""
    of_arm: dict[str, dict[str, list[str]]] = {}
    for task, reaches in by_task.items():
        for one in reaches:
            for arm in one.arms:
                of_arm.setdefault(arm, {}).setdefault(one.words, []).append(task)
    alike: dict[str, list[str]] = {}
    for arm, tasks in of_arm.items():
        alike.setdefault(", ".join(f"{words} on {where(on)}" for words, on in tasks.items()), []).append(arm)
    return "; ".join(f"{wording.arms(arms)} ({text})" for text, arms in alike.items())
