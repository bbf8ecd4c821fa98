"""Subnets that a cluster's CNI may put further interfaces into, besides the node's own (subnet discovery, v1.18.0)."""

from __future__ import annotations

from collections.abc import Mapping

from functions.capacity.clusters import Cluster

CNI_SUBNET_TAG = "kubernetes.io/role/cni"  # the subnet takes part, unless the value is 0
CNI_CLUSTER_TAG = "cni.networking.k8s.aws/cluster/"  # + a name, since v1.22.1: only those clusters' CNIs use it


def discovers(cluster: Cluster, tags: Mapping[str, str]) -> bool:
    """Whether the cluster's CNI takes a subnet with these tags. With unknown settings it may: discovery is the default.

    amazon-vpc-cni-k8s, pkg/awsutils/awsutils.go, isSubnetValidForENICreation. Below v1.22.1 the CNI does not look at
    the clusters' tags; that such a subnet is left out there is a reading of what its owner meant.
    """
    if cluster.cni is not None and not cluster.cni.subnet_discovery:
        return False
    named = [key for key in tags if key.startswith(CNI_CLUSTER_TAG)]
    meant = not named or f"{CNI_CLUSTER_TAG}{cluster.name}" in named
    return tags.get(CNI_SUBNET_TAG, "") not in {"", "0"} and meant
