"""A cluster's VPC CNI as findings speak of it: the nodes that it serves, and the commands that change it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from functions.capacity.clusters import Cluster, Origin, Os
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Kind, Resource

_WINDOWS_DEFAULTS = '{"data":{"warm-prefix-target":null,"warm-ip-target":"1","minimum-ip-target":"3"}}'

Version = tuple[int, ...]


def resource_of(cluster: Cluster) -> Resource:
    """The cluster, as findings name it."""
    return Resource(kind=Kind.CLUSTER, name=cluster.name, cluster=cluster.name)


def served(facts: Facts, cluster: Cluster) -> tuple[GroupFacts, ...]:
    """The groups whose pods get their addresses from aws-node: Windows nodes and EKS Auto Mode's do not."""
    groups = facts.groups_of(cluster.name)
    return tuple(g for g in groups if g.group.os is Os.LINUX and g.group.origin is not Origin.AUTO_MODE)


def text_of(version: Version | None) -> str:
    """As people write it, v1.19.2."""
    return f"v{'.'.join(map(str, version))}" if version else "an unknown version"


def change_env(cluster: Cluster, values: Mapping[str, str | None]) -> str:
    """The step that sets these variables of aws-node, and takes away those that are None; all others stay.

    The add-on's configuration values are replaced as a whole (EKS API reference, UpdateAddon), so they are merged;
    where they are YAML, jq fails and nothing is changed.
    """
    if cluster.addon is None:
        changes = " ".join(f"{name}-" if value is None else f"{name}={value}" for name, value in values.items())
        return f"{_words(values)}:\n{kubectl_of(cluster)}\nkubectl set env daemonset/aws-node -n kube-system {changes}"
    wanted = {name: value for name, value in values.items() if value is not None}
    gone = "".join(f" | del(.env.{name})" for name, value in values.items() if value is None)
    set_ = f".env += {json.dumps(wanted)}" if wanted else "."
    merge = shlex.quote(f"{set_}{gone}")
    return (
        f"{_words(values)} (needs jq; what else is set stays):\n"
        f"aws eks describe-addon {_addon(cluster)} --query \"addon.configurationValues || '{{}}'\" --output text"
        f" | jq {merge} > vpc-cni.json &&\n"
        f"aws eks update-addon {_addon(cluster)} --resolve-conflicts PRESERVE --configuration-values file://vpc-cni.json"
    )


def update_to_default(cluster: Cluster, floor: Version) -> str:
    """The step that brings a version of at least `floor`: the default one of the cluster's Kubernetes version."""
    if cluster.addon is None:
        return (
            f"Update the self-managed VPC CNI to {text_of(floor)} or later, settings and all:\n"
            "https://docs.aws.amazon.com/eks/latest/userguide/vpc-add-on-self-managed-update.html"
        )
    kubernetes = f'"$(aws eks describe-cluster --name {_name(cluster)} --query cluster.version --output text)"'
    newest = (
        f"aws eks describe-addon-versions --addon-name vpc-cni --kubernetes-version {kubernetes} "
        "--query 'addons[0].addonVersions[?compatibilities[0].defaultVersion].addonVersion | [0]' --output text"
    )
    return f"Update the add-on to the default version of the cluster's Kubernetes version:\n{_update(cluster, newest)}"


def update_back(cluster: Cluster, version: Version) -> str:
    """The command that brings this version again. Its build is not known here, so EKS's list names it in full."""
    listed = (
        "aws eks describe-addon-versions --addon-name vpc-cni "
        f"--query \"addons[0].addonVersions[?starts_with(addonVersion, '{text_of(version)}-')].addonVersion | [0]\" "
        "--output text"
    )
    return _update(cluster, listed)


def default_targets(cluster: Cluster, os: Os) -> str:
    """How to set the warm targets back to their defaults: words, and below them the commands."""
    if os is Os.WINDOWS:
        patch = f"kubectl patch configmap amazon-vpc-cni -n kube-system --type merge -p '{_WINDOWS_DEFAULTS}'"
        return f"Set the warm targets back:\n{kubectl_of(cluster)}\n{patch}"
    return change_env(cluster, {"WARM_PREFIX_TARGET": "1", "WARM_IP_TARGET": None, "MINIMUM_IP_TARGET": None})


def because(words: str, change: str) -> str:
    """A step with a reason in front of it, in one line, so that all below it are commands."""
    return f"{words}: {change[:1].lower()}{change[1:]}"


def wait_for(cluster: Cluster) -> str:
    """The command that returns when no update of the add-on is under way."""
    return f"aws eks wait addon-active {_addon(cluster)}"


def kubectl_of(cluster: Cluster) -> str:
    """The command that points kubectl at the cluster."""
    return f"aws eks update-kubeconfig --name {_name(cluster)}"


def look_at_settings(cluster: Cluster) -> str:
    """The commands that show what aws-node is set to."""
    return f"{kubectl_of(cluster)}\nkubectl set env daemonset/aws-node -n kube-system --list"


def _update(cluster: Cluster, version: str) -> str:
    return f'aws eks update-addon {_addon(cluster)} --resolve-conflicts PRESERVE --addon-version "$({version})"'


def _addon(cluster: Cluster) -> str:
    return f"--cluster-name {_name(cluster)} --addon-name vpc-cni"


def _name(cluster: Cluster) -> str:
    return shlex.quote(cluster.name)


def _words(values: Mapping[str, str | None]) -> str:
    named = (f"unset {name}" if value is None else f"set {name} to {value}" for name, value in values.items())
    text = " and ".join(named)
    return text[:1].upper() + text[1:]
