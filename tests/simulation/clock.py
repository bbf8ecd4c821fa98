"""Time that passes only when somebody lets it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC).timestamp()


@dataclass
class Clock:
    """Seconds since 1970, in UTC."""

    now: float = START
    _said: tuple[float, datetime] = (START, datetime.fromtimestamp(START, UTC))  # it is asked often between two calls

    def utc(self) -> datetime:
        """Now, as the product's clock says it."""
        if self._said[0] != self.now:
            self._said = self.now, datetime.fromtimestamp(self.now, UTC)
        return self._said[1]

    def utc_in(self, seconds: float) -> datetime:
        """So many seconds from now."""
        return self.utc() + timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
