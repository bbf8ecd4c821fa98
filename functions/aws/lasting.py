"""Answers that stay true, kept as long as the process lives: the looks of a storm do not ask for them again.

An instance type's limits do not change, and a launch template's version cannot once it is made (EC2 user guide, 'Manage
Amazon EC2 launch template versions'). `$Latest` and `$Default` are no numbers and are asked for each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """At most so many answers by their names; those that came first go first."""

    at_most: int = 2000
    kept: dict[str, Answer] = field(default_factory=dict)

    def get(
        self, names: Iterable[str], ask: Callable[[list[str]], Iterable[tuple[str, Answer]]]
    ) -> Mapping[str, Answer]:
        """The answers that there are, by name. AWS is asked for what is not kept; what it does not know is not kept."""
        wanted = list(dict.fromkeys(names))
        new = [name for name in wanted if name not in self.kept]
        found = {name: self.kept[name] for name in wanted if name in self.kept}
        if new:
            found |= dict(ask(new))
            self.kept.update(found)
            for oldest in list(islice(self.kept, max(0, len(self.kept) - self.at_most))):
                del self.kept[oldest]
        return {name: found[name] for name in wanted if name in found}
