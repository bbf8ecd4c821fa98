"""What a deployed stack of Headroom left behind for the person at the terminal: its table and its switch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cli.access import Access

if TYPE_CHECKING:
    from functions.aws.journal import Journal
    from functions.capacity.model import Policy
    from functions.capacity.steering.samples import History
    from functions.capacity.switch import SwitchState


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stack by its outputs."""

    access: Access
    stack: str
    table: str
    switch_parameter: str
    policy_text: str = ""  # a stack of an earlier version does not tell

    def policy(self) -> Policy:
        """The floor and the caps that it keeps to. Raises SettingsError where it does not tell them as we know them."""
        from functions.settings import policy

        return policy(self.policy_text, "its output Policy")

    def journal(self, decision: str) -> Journal:
        """Its journal, for entries in the name of `decision`."""
        from functions.aws.journal import Journal

        return Journal(dynamodb=self.access.dynamodb(), table=self.table, decision=decision)

    def histories(self, subnet_ids: Iterable[str], now: datetime) -> Mapping[str, History]:
        """What earlier looks at each of these subnets left, oldest first."""
        from functions.aws.at_once import at_once
        from functions.aws.memory import Memory

        memory = Memory(dynamodb=self.access.dynamodb(), table=self.table, journal=self.journal("audit"))
        ids = list(subnet_ids)
        return dict(zip(ids, at_once(lambda each: memory.of_subnet(each, now).past.history, ids), strict=True))

    def switch(self) -> SwitchState:
        """What its kill switch says."""
        from functions.aws.switch import Switch

        return Switch(ssm=self.access.ssm(), parameter=self.switch_parameter).read()


def deployment(access: Access, stack: str) -> Deployment | None:
    """The deployment of that name; None where there is none."""
    outputs = access.outputs(stack)
    if outputs is None or not {"TableName", "SwitchParameter"} <= outputs.keys():
        return None
    return Deployment(
        access=access,
        stack=stack,
        table=outputs["TableName"],
        switch_parameter=outputs["SwitchParameter"],
        policy_text=outputs.get("Policy", ""),
    )
