"""The mutes that people put into an SSM parameter, read on every run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.capacity.mutes import NOTHING, Mutes, of_parameter

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, kw_only=True)
class MutesParameter:
    """The parameter by its name; without one nothing is muted."""

    ssm: SSMClient
    parameter: str

    def read(self) -> Mutes:
        """What it says now. Where it cannot be read nothing is muted: one message too many does less harm."""
        if not self.parameter:
            return NOTHING
        try:
            return of_parameter(self.ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"])
        except (BotoCoreError, ClientError):
            return NOTHING
