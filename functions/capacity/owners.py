"""Whose a network interface is: a node's, or one of the others that share its subnet.

EC2 says it in InterfaceType, RequesterId, Description and tags, none of them complete alone.
"""

from __future__ import annotations

from enum import StrEnum


class Owner(StrEnum):
    """Who made the interface; the value is the word that people read."""

    NODE = "node"
    LOAD_BALANCER = "load balancer"
    LAMBDA = "Lambda function"
    DATABASE = "RDS database"
    CACHE = "ElastiCache node"
    FILE_SYSTEM = "EFS mount target"
    ENDPOINT = "VPC endpoint"
    NAT_GATEWAY = "NAT gateway"
    TRANSIT_GATEWAY = "transit gateway"
    CONTROL_PLANE = "EKS control plane"
    POD = "pod with a security group of its own"
    TASK = "ECS task"
    INSTANCE = "instance outside any cluster"
    OTHER = "other"
