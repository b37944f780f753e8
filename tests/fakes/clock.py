"""A sleep that takes no time and remembers how long it should have been; and its clock."""


class Sleeps:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)

    def clock(self) -> float:
        """A moment that only sleeping moves on, however long the work takes."""
        return sum(self.seconds)
