"""The app that `app.py` and the tests synthesize."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from infra.config import config_of
from infra.member import HeadroomMemberStack
from infra.stack import HeadroomStack


def headroom_app(app: cdk.App) -> cdk.App:
    """Puts the stack, and its members' for an organisation, into the app, with the rules that every synthesis checks.

    Raises ConfigurationError.
    """
    config = config_of(app.node.get_all_context())
    HeadroomStack(app, "Headroom", config=config)
    if config.organisation:
        HeadroomMemberStack(app, "HeadroomMember", organisation=config.organisation)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app
