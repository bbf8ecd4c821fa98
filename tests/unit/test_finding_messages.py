"""Changes of findings as people read them, word for word and whatever the names."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.alerts import State
from functions.capacity.finding_messages import message
from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.incidents import Change, Incident
from functions.capacity.wording import SUBJECT_LIMIT
from tests.builders import NOW

GOLDEN = Path(__file__).parent.parent / "golden" / "findings"

TOO_LOW = Finding(
    id=FindingId.MAX_PODS_TOO_LOW,
    severity=Severity.WARNING,
    resource=Resource(kind=Kind.NODE_GROUP, name="workers", cluster="demo"),
    title="nodes of demo/workers take 29 pods where 110 are recommended",
    means="81 pods of each node's capacity are never used.",
    numbers={"maxPods": 29, "recommended": 110, "perType": {"m5.large": 29}, "types": ["m5.large"]},
    remedy=(
        "Put this into the launch template's user data:\nspec:\n  kubelet:\n    config:\n      maxPods: 110",
        "aws eks update-nodegroup-version --cluster-name demo --nodegroup-name workers",
    ),
)


def a_change(state: State = State.OPEN, finding: Finding = TOO_LOW) -> Change:
    incident = Incident(since=NOW, finding=finding.id, resource=str(finding.resource), title=finding.title)
    kept = None if state is State.RESOLVED else finding
    return Change(state=state, incident=incident, severity=finding.severity, finding=kept)


CRITICAL = replace(TOO_LOW, id=FindingId.CNI_DOWNGRADE, severity=Severity.CRITICAL, title="the CNI is being downgraded")
CHANGES = {
    "open": [a_change()],
    "worse": [a_change(State.WORSE, replace(TOO_LOW, severity=Severity.CRITICAL))],
    "resolved": [a_change(State.RESOLVED)],
    "digest": [a_change(finding=CRITICAL), a_change(), a_change(State.RESOLVED)],
}


@pytest.mark.parametrize("name", CHANGES)
def test_golden(name, rewrite_golden):
    path, said = GOLDEN / f"{name}.txt", message("demo", CHANGES[name])
    attributes = "".join(f"{key}: {value}\n" for key, value in sorted(said.attributes.items()))
    text = f"{said.subject}\n\n{said.body}\n{attributes}"
    if rewrite_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


def test_every_golden_file_is_of_a_message_that_there_is():
    assert {path.stem for path in GOLDEN.iterdir()} == CHANGES.keys()


@given(st.text(max_size=300), st.sampled_from([State.OPEN, State.WORSE, State.RESOLVED]))
def test_hostile_names_come_out_harmless(name, state):
    finding = replace(
        TOO_LOW,
        resource=replace(TOO_LOW.resource, name=name),
        title=f"nodes of {name}",
        numbers={"types": [name]},
        remedy=(name,),
    )
    said = message(name, [a_change(state, finding)])
    assert re.fullmatch(rf"[\x20-\x7e]{{1,{SUBJECT_LIMIT}}}", said.subject)
    assert all(c.isprintable() or c == "\n" for c in said.body)
    assert json.loads(json.dumps(said.body)) == said.body
