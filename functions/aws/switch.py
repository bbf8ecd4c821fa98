"""The kill switch: one SSM parameter, read on every run, that only ever lets Headroom act while it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.odd import OddAnswerError, reading
from functions.capacity.switch import SwitchState, state_of

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The parameter by its name."""

    ssm: SSMClient
    parameter: str

    def read(self) -> SwitchState:
        """What it says now."""
        try:
            with reading("GetParameter"):
                value = self.ssm.get_parameter(Name=self.parameter)["Parameter"]["Value"].strip()
        except (BotoCoreError, ClientError, OddAnswerError) as error:
            return state_of(self.parameter, None, why=str(error))
        return state_of(self.parameter, value)
