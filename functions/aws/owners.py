"""Whose an interface is, out of what DescribeNetworkInterfaces says of it. Pure; total on any answer.

Kinds are the API's NetworkInterfaceType. The words of the descriptions are AWS's own and written down nowhere as a
contract: those of the VPC CNI stand in amazon-vpc-cni-k8s, pkg/awsutils/awsutils.go (eniDescriptionPrefix), those of
trunks and branches in amazon-vpc-resource-controller-k8s, pkg/provider/branch/trunk/trunk.go, the others are as
public answers of the API show them. So a kind counts first, then the maker, then the words. EKS's pods on Fargate are
not told apart (no source says how they look); they come out as OTHER.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.capacity.owners import Owner

NODE_TAG = "node.k8s.amazonaws.com/instance_id"
_CNI_DESCRIPTION = "aws-K8S-"
_CLUSTER_TAGS = ("cluster.k8s.amazonaws.com/name", "eks:eks-cluster-name", "eks:cluster-name")
_CLUSTER_TAG_PREFIX = "kubernetes.io/cluster/"

_OF_KIND = {
    "trunk": Owner.NODE,
    "branch": Owner.POD,
    "load_balancer": Owner.LOAD_BALANCER,
    "network_load_balancer": Owner.LOAD_BALANCER,
    "gateway_load_balancer": Owner.LOAD_BALANCER,
    "lambda": Owner.LAMBDA,
    "vpc_endpoint": Owner.ENDPOINT,
    "gateway_load_balancer_endpoint": Owner.ENDPOINT,
    "nat_gateway": Owner.NAT_GATEWAY,  # as EC2 answers;
    "natGateway": Owner.NAT_GATEWAY,  # as its API reference lists it
    "transit_gateway": Owner.TRANSIT_GATEWAY,
    "efs": Owner.FILE_SYSTEM,
}
_OF_REQUESTER = {
    "amazon-elb": Owner.LOAD_BALANCER,
    "amazon-rds": Owner.DATABASE,
    "amazon-elasticache": Owner.CACHE,
}
_OF_CONTROLLER = {"aws-k8s-branch-eni": Owner.POD, "aws-k8s-trunk-eni": Owner.NODE, _CNI_DESCRIPTION: Owner.NODE}
_OF_SERVICE = {
    "ELB ": Owner.LOAD_BALANCER,  # 'ELB app/...', 'ELB net/...', 'ELB gwy/...', and a classic one's bare name
    "AWS Lambda VPC ENI": Owner.LAMBDA,
    "RDSNetworkInterface": Owner.DATABASE,
    "ElastiCache ": Owner.CACHE,
    "EFS mount target": Owner.FILE_SYSTEM,
    "VPC Endpoint Interface": Owner.ENDPOINT,
    "Interface for NAT Gateway": Owner.NAT_GATEWAY,
    "Amazon EKS ": Owner.CONTROL_PLANE,
    "arn:aws:ecs:": Owner.TASK,
    "arn:aws-cn:ecs:": Owner.TASK,
    "arn:aws-us-gov:ecs:": Owner.TASK,
}


def owner_of(answer: Mapping[str, Any]) -> Owner:
    """The owner of one item of DescribeNetworkInterfaces.

    The primary interface of a node that the CNI has not tagged yet looks like any instance's; only a reader that
    knows the nodes can tell.
    """
    description = _text(answer, "Description")
    if kind := _OF_KIND.get(_text(answer, "InterfaceType")):
        return kind
    if controller := _by_words(_OF_CONTROLLER, description):
        return controller
    if node_of(answer):
        return Owner.NODE if NODE_TAG in _tags(answer) or cluster_of(answer) else Owner.INSTANCE
    makers = _text(answer, "RequesterId"), _text(_attachment(answer), "InstanceOwnerId")
    made = _OF_REQUESTER.get(makers[0]) or _OF_REQUESTER.get(makers[1])
    return made or _by_words(_OF_SERVICE, description) or Owner.OTHER


def node_of(answer: Mapping[str, Any]) -> str | None:
    """The instance that the interface serves: attached to it, or made for it by the VPC CNI or its controller."""
    attached = _text(_attachment(answer), "InstanceId")
    if attached:
        return attached
    if tagged := _tags(answer).get(NODE_TAG):
        return tagged
    description = _text(answer, "Description")
    named = description.removeprefix(_CNI_DESCRIPTION)
    return named if named != description and named.startswith("i-") else None


def cluster_of(answer: Mapping[str, Any]) -> str:
    """The cluster that the interface's tags name, empty where they name none."""
    tags = _tags(answer)
    if not tags:
        return ""
    named = (tags[key] for key in _CLUSTER_TAGS if tags.get(key))
    owned = (key.removeprefix(_CLUSTER_TAG_PREFIX) for key in tags if key.startswith(_CLUSTER_TAG_PREFIX))
    return next(named, "") or next(owned, "")


def _by_words(owners: Mapping[str, Owner], description: str) -> Owner | None:
    if not description.startswith(tuple(owners)):
        return None
    return next(owner for words, owner in owners.items() if description.startswith(words))


def _tags(answer: Mapping[str, Any]) -> Mapping[str, str]:
    """Interfaces carry a TagSet where other answers of EC2 carry Tags."""
    listed = answer.get("TagSet")
    if not listed:
        return {}
    pairs = (each for each in listed if isinstance(each, Mapping)) if isinstance(listed, list | tuple) else ()
    return {key: _text(each, "Value") for each in pairs if (key := _text(each, "Key"))}


def _attachment(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    found = answer.get("Attachment")
    return found if isinstance(found, Mapping) else {}


def _text(answer: Mapping[str, Any], key: str) -> str:
    found = answer.get(key)
    return found if isinstance(found, str) else ""
