"""An alert as mail: plain text in a fixed order (what, where, how bad, done, to do, runbook)."""

from __future__ import annotations

from functions.capacity.forms.alert import Alert
from functions.capacity.wording import SUBJECT_LIMIT, Message, subject

# Characters of a body. SNS takes 256 KiB with the attributes (SNS API reference, Publish); a table's transaction takes
# 4 MB (DynamoDB API reference, TransactWriteItems), and a run may store up to ten alerts in three forms at once.
LIMIT = 24_000


def message(alert: Alert) -> Message:
    """The mail. Its subject says how grave it is, whether it is over, what and where."""
    return Message(subject=_subject(alert), body=_bounded(_body(alert)), attributes=alert.attributes)


def _subject(alert: Alert) -> str:
    """With the cluster and the region, as far as they are not said already and there is room for them."""
    cluster = f"cluster {alert.cluster}" if alert.cluster and alert.cluster not in alert.what else ""
    tails = ([cluster, alert.place.region], [cluster], [alert.place.region])
    said = (", ".join(filter(None, tail)) for tail in tails)
    whole = (f"{alert.headline} ({tail})" if tail else alert.headline for tail in said)
    return subject(next((each for each in whole if len(each) <= SUBJECT_LIMIT), alert.headline))


def _body(alert: Alert) -> str:
    return (
        "\n\n".join(
            f"{name}:\n{text}"
            for name, text in (
                ("What", alert.what),
                ("Where", "\n".join(alert.where)),
                ("Numbers", "\n".join((alert.when, *alert.numbers))),
                ("What it means", alert.means),
                ("Done", "\n".join(alert.done)),
                ("To do", _to_do(alert)),
                ("Runbook", alert.runbook),
            )
            if text
        )
        + "\n"
    )


def _to_do(alert: Alert) -> str:
    if not alert.asks:
        return "nothing"
    return "\n".join(f"{n}. {_indented(step)}" for n, step in enumerate(alert.steps, start=1)) or "see the runbook"


def _indented(step: str) -> str:
    return step.replace("\n", "\n   ")


def _bounded(body: str) -> str:
    """Whole lines, as many as there is room for."""
    if len(body) <= LIMIT:
        return body
    kept = body[:LIMIT].rpartition("\n")[0]
    return f"{kept}\n... cut here; the runbook says the rest\n"
