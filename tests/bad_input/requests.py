"""Messages on the release queue that the reconcile never sent: nothing may be given back for one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from tests.bad_input.texts import TEXTS
from tests.builders import NOW

# Just as the reconcile asks for the reservation of answers/GetSubnetCidrReservations.xml.
GOOD = {
    "subnetId": "subnet-0aa1bb2cc3dd4ee5f",
    "reservationId": "scr-0aa1bb2cc3dd4ee5f",
    "cidr": "10.0.0.128/28",
    "reason": "single addresses need the room",
    "decision": "run-1",
    "at": NOW.isoformat(),
}
_JSON: dict[str, Any] = {
    "null": None,
    "a number": 7,
    "true": True,
    "a list": [GOOD["subnetId"]],
    "an object": {"id": "x"},
    "an empty text": "",
}
_CIDRS = {
    "no network": "10.0.0.128",
    "a host inside it": "10.0.0.129/28",
    "a mask in place of a length": "10.0.0.128/255.255.255.240",
    "a mask from the wrong side": "10.0.0.128/0.0.0.15",
    "everything": "0.0.0.0/0",
    "all of the subnet": "10.0.0.0/24",
    "half of it": "10.0.0.128/29",
    "leading zeros": "010.000.000.128/28",
    "three numbers": "10.0.128/28",
    "a length of 33": "10.0.0.128/33",
    "a length below zero": "10.0.0.128/-1",
    "an IPv6 network": "2001:db8::/80",
    "a space in front": " 10.0.0.128/28",
    "a zone": "10.0.0.128%eth0/28",
    "two slashes": "10.0.0.128/28/28",
    "digits of another script": "\u0661\u0660.0.0.128/28",
}
_TIMES = {
    "an hour ago": (NOW - timedelta(hours=1)).isoformat(),
    "tomorrow": (NOW + timedelta(days=1)).isoformat(),
    "without a time zone": NOW.replace(tzinfo=None).isoformat(),
    "the first day of all": "0001-01-01T00:00:00+14:00",
    "the last day of all": "9999-12-31T23:59:59-14:00",
    "the year zero": "0000-01-01T00:00:00+00:00",
    "a zone of a day": "2026-11-23T12:00:00+24:00",
    "a date alone": "2026-11-23",
    "seconds since 1970": str(int(NOW.timestamp())),
    "the word now": "now",
    "a leap second": "2026-11-23T12:00:60+00:00",
    "the 30th of February": "2026-02-30T12:00:00+00:00",
    "RFC 2822": "Mon, 23 Nov 2026 12:00:00 +0000",
}
_WHOLE: dict[str, str] = {
    "nothing": "",
    "a word": "release it",
    "null": "null",
    "a list of requests": json.dumps([GOOD]),
    "a text with a request in it": json.dumps(json.dumps(GOOD)),
    "an event": json.dumps({"source": "headroom", "detail-type": "Continue", "detail": {"subnetIds": []}}),
    "half a request": json.dumps(GOOD)[:60],
    "nested deeper than anybody reads": "[" * 200_000,
    "a number of five thousand digits": "9" * 5000,
    "an SNS notification": json.dumps({"Type": "Notification", "Message": json.dumps(GOOD)}),
    "a later key that takes the id away": json.dumps(GOOD)[:-1] + ', "reservationId": null}',
}


def _with(key: str, value: Any) -> str:
    return json.dumps(GOOD | {key: value})


BODIES: dict[str, str] = {
    **_WHOLE,
    **{f"no {key}": json.dumps({name: each for name, each in GOOD.items() if name != key}) for key in GOOD},
    **{f"{key} is {what}": _with(key, value) for key in GOOD for what, value in _JSON.items()},
    **{f"the subnet is {what}": _with("subnetId", text) for what, text in TEXTS.items()},
    **{f"the reservation is {what}": _with("reservationId", text) for what, text in TEXTS.items()},
    **{f"the CIDR is {what}": _with("cidr", text) for what, text in _CIDRS.items()},
    **{f"the time is {what}": _with("at", text) for what, text in _TIMES.items()},
    "another subnet": _with("subnetId", "subnet-0123456789abcdef0"),
    "another reservation": _with("reservationId", "scr-0123456789abcdef0"),
}
