"""Time that passes only when somebody lets it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC).timestamp()


@dataclass
class Clock:
    """Seconds since 1970, in UTC."""

    now: float = START

    def utc(self) -> datetime:
        """Now, as the product's clock says it."""
        return datetime.fromtimestamp(self.now, UTC)

    def utc_in(self, seconds: float) -> datetime:
        """So many seconds from now."""
        return self.utc() + timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
