"""The parts of an organisation's report, as they wait in the bucket for the last one to come.

Below a run's folder: `places.json`, what is to be read; for each place a folder <account>/<region> with its own report
and `part.json`, or with `failed.json`, written by the state machine where the function could not do it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.aws.reports import Reports
from functions.capacity.places import Place

PLACES, PART, FAILED = "places.json", "part.json", "failed.json"
AT_ONCE = 8  # botocore's client keeps ten connections
NO_WORD = "its run left no word: see the failed executions of the state machine's map run"
STOPPED = "the run was stopped before its turn came or ended: more places failed than are tolerated"
SAID_BY_US = frozenset({"NotPermittedError", "ThrottledError"})  # what they say needs no name of an error before it
LONGEST = 1000  # characters of a reason


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One run's folder."""

    reports: Reports
    folder: str

    def ask(self, places: Iterable[Place]) -> None:
        """Write down what is to be read: the items of the state machine's map."""
        items = [{"account": each.account, "region": each.region} for each in places]
        self.reports.put(f"{self.folder}/{PLACES}", json.dumps(items), "application/json")

    def asked(self) -> tuple[Place, ...]:
        """What was to be read."""
        items = json.loads(self.reports.read(f"{self.folder}/{PLACES}"))
        return tuple(Place(each["account"], each["region"]) for each in items)

    def fetch(self, into: Path, *, stopped: bool) -> tuple[Mapping[Place, Path], Mapping[Place, str]]:
        """The parts, as files in this folder, and the reason for each place that has none."""
        asked, names = self.asked(), self.reports.names(self.folder)
        there = [each for each in asked if f"{each}/{PART}" in names]
        missing = [each for each in asked if f"{each}/{PART}" not in names]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            files = dict(zip(there, pool.map(lambda each: self._fetched(each, into), there), strict=True))
            reasons = dict(zip(missing, pool.map(lambda each: self._why(each, names, stopped), missing), strict=True))
        return files, reasons

    def _fetched(self, place: Place, into: Path) -> Path:
        file = into / f"{place.account}-{place.region}.json"
        file.write_bytes(self.reports.read(f"{self.folder}/{place}/{PART}"))
        return file

    def _why(self, place: Place, names: frozenset[str], stopped: bool) -> str:  # noqa: FBT001 - called by a pool
        if f"{place}/{FAILED}" in names:
            return reason(json.loads(self.reports.read(f"{self.folder}/{place}/{FAILED}")))
        return STOPPED if stopped else NO_WORD


def reason(failed: Mapping[str, Any]) -> str:
    """Why a place was not read, out of the error that Step Functions has: its name, and a cause that may be JSON."""
    error, cause = str(failed.get("error", "")), str(failed.get("cause", ""))
    try:
        said = json.loads(cause)
        message = str(said["errorMessage"])
    except (ValueError, KeyError, TypeError, RecursionError):
        message = cause
    return (message if error in SAID_BY_US else f"{error}: {message}")[:LONGEST]
