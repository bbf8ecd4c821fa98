"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Profile = Annotated[str, typer.Option(help="A profile of the AWS configuration.")]
Region = Annotated[str, typer.Option(help="The AWS region; else that of the profile or of AWS_DEFAULT_REGION.")]
AccountRole = Annotated[str, typer.Option(help="The ARN of a role to assume, in another account, say.")]
ExternalId = Annotated[str, typer.Option(help="The external id that this role's trust demands.")]
SnapshotFile = Annotated[
    Path | None,
    typer.Option("--snapshot", help="A saved snapshot (see `headroom snapshot`); AWS is not asked then."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]
ClusterName = Annotated[str, typer.Option("--cluster", help="Only this cluster's subnets.")]
StackName = Annotated[str, typer.Option("--stack", help="The name of Headroom's stack.")]
