"""Which points of a curve MLflow is told: few, because each costs the driver time; a run's file has all of them."""

Point = tuple[str, int, float]
"""A metric, a step and a value."""


def evenly(length: int, most: int | None) -> list[int]:
    """At most so many of the places 0, 1, ... of a curve, the first and the last among them; of one, the last."""
    if most is None or length <= most:
        return [*range(length)]
    return [length - 1 - place * (length - 1) // max(1, most - 1) for place in reversed(range(most))]


def by_logarithm(length: int, most: int | None) -> list[int]:
    """The same with distances that grow: each place is as many times the one before as whole numbers allow."""
    if most is None or length <= most:
        return [*range(length)]
    places = [0]
    for left in range(most - 1, 0, -1):
        grown = (places[-1] + 1) * (length / (places[-1] + 1)) ** (1 / left)
        places.append(max(places[-1] + 1, round(grown) - 1))
    return places


class Growing:
    """A curve through training, told point by point.

    The first point of each of `most` equal parts of the budget is sent, while it grows if that takes long, so that
    who looks on sees it. At its end comes the last point, and others as far as `most` allows. Which these are does not
    depend on when something was sent.
    """

    def __init__(self, most: int | None, budget: int) -> None:
        self.most, self.budget = most, max(1, budget)
        self.left: list[Point] = []
        self.sent, self.part = 0, -1

    def now(self) -> list[Point]:
        """What is to be sent while it grows; the rest waits for the end."""
        chosen, left = list[Point](), list[Point]()
        for point in self.left:
            (chosen if self._begins_a_part(point) else left).append(point)
        self.left = left
        self.sent += len(chosen)
        return chosen

    def rest(self) -> list[Point]:
        """What is to be sent at its end."""
        chosen = self.now()
        room = None if self.most is None else self.most - self.sent  # one at least before the budget is spent
        return chosen + [self.left[place] for place in evenly(len(self.left), room)]

    def _begins_a_part(self, point: Point) -> bool:
        if self.most is None:
            return True
        before, part = self.part, point[1] * (self.most - 1) // self.budget
        self.part = max(before, part)
        return part > before
