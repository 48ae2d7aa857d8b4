"""The queue of each sender: what it cannot hand over yet waits, so many segments per second."""

from datetime import datetime, timedelta


class Queues:
    """When each sender is free again. Without a rate nothing ever waits."""

    def __init__(self, segments_per_second: float | None) -> None:
        """Start with empty queues."""
        self._rate = segments_per_second
        self._free: dict[str, datetime] = {}

    def wait(self, sender: str, now: datetime) -> float:
        """Return the seconds until `sender` would begin with a further message."""
        return max((self._free.get(sender, now) - now).total_seconds(), 0.0)

    def join(self, sender: str, segments: int, now: datetime) -> None:
        """Put a message of so many segments at the end of the queue."""
        if self._rate is not None:
            begin = max(self._free.get(sender, now), now)
            self._free[sender] = begin + timedelta(seconds=segments / self._rate)
