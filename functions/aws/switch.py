"""The kill switch: one SSM parameter, read on every run, that only ever lets Headroom act while it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

ACT = "act"
OBSERVE = "observe"


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The parameter by its name."""

    ssm: SSMClient
    parameter: str

    def keeps_from_acting(self) -> str:
        """Why nothing may be changed now, or an empty text. A switch that cannot be read is off."""
        try:
            value = self.ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"]
        except (BotoCoreError, ClientError) as error:
            return f"the switch {self.parameter} cannot be read: {error}"
        if value.strip() == ACT:
            return ""
        if value.strip() == OBSERVE:
            return f"the switch {self.parameter} says {OBSERVE}"
        return f"the switch {self.parameter} says {value!r:.40}, which is neither {ACT} nor {OBSERVE}"
