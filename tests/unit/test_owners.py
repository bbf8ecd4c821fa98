"""Whose an interface is, as DescribeNetworkInterfaces shows it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.aws.owners import NODE_TAG, cluster_of, node_of, owner_of
from functions.capacity.owners import Owner

ATTACHED = {"InstanceId": "i-0a1", "InstanceOwnerId": "111122223333"}


def tagged(**tags: str):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"InterfaceType": "network_load_balancer"}, Owner.LOAD_BALANCER, id="a network load balancer"),
        pytest.param({"InterfaceType": "gateway_load_balancer"}, Owner.LOAD_BALANCER, id="a gateway load balancer"),
        pytest.param(
            {"InterfaceType": "interface", "RequesterId": "amazon-elb", "Description": "ELB app/web/50dc6c495c0c9188"},
            Owner.LOAD_BALANCER,
            id="an application load balancer",
        ),
        pytest.param({"Description": "ELB web"}, Owner.LOAD_BALANCER, id="a classic load balancer, by its words alone"),
        pytest.param(
            {"Attachment": {"InstanceOwnerId": "amazon-elb"}}, Owner.LOAD_BALANCER, id="attached by the load balancers"
        ),
        pytest.param({"InterfaceType": "lambda"}, Owner.LAMBDA, id="Lambda by its kind"),
        pytest.param({"Description": "AWS Lambda VPC ENI-report-1a2b"}, Owner.LAMBDA, id="Lambda by its words"),
        pytest.param({"RequesterId": "amazon-rds"}, Owner.DATABASE, id="RDS by its requester"),
        pytest.param({"Description": "RDSNetworkInterface"}, Owner.DATABASE, id="RDS by its words"),
        pytest.param({"Description": "ElastiCache sessions-0001-001"}, Owner.CACHE, id="ElastiCache by its words"),
        pytest.param({"RequesterId": "amazon-elasticache"}, Owner.CACHE, id="ElastiCache by its requester"),
        pytest.param(
            {"Description": "EFS mount target for fs-0dcd (fsmt-0852)"}, Owner.FILE_SYSTEM, id="an EFS mount target"
        ),
        pytest.param({"InterfaceType": "vpc_endpoint"}, Owner.ENDPOINT, id="an interface endpoint"),
        pytest.param(
            {"InterfaceType": "gateway_load_balancer_endpoint"}, Owner.ENDPOINT, id="a gateway load balancer's endpoint"
        ),
        pytest.param(
            {"InterfaceType": "interface", "Description": "VPC Endpoint Interface: vpce-0f00"},
            Owner.ENDPOINT,
            id="an endpoint that EC2 calls a plain interface",
        ),
        pytest.param({"InterfaceType": "nat_gateway"}, Owner.NAT_GATEWAY, id="a NAT gateway as EC2 answers"),
        pytest.param({"InterfaceType": "natGateway"}, Owner.NAT_GATEWAY, id="a NAT gateway as the reference has it"),
        pytest.param({"Description": "Interface for NAT Gateway nat-0a8b"}, Owner.NAT_GATEWAY, id="NAT by its words"),
        pytest.param({"InterfaceType": "transit_gateway"}, Owner.TRANSIT_GATEWAY, id="a transit gateway's attachment"),
        pytest.param(
            {"Description": "Amazon EKS demo", "Attachment": {"InstanceOwnerId": "444455556666"}},
            Owner.CONTROL_PLANE,
            id="the control plane, attached to what is not shown",
        ),
        pytest.param(
            {"Description": "arn:aws:ecs:eu-west-1:111122223333:attachment/1a2b"}, Owner.TASK, id="a task of ECS"
        ),
        pytest.param(
            {"InterfaceType": "branch", "TagSet": tagged(**{NODE_TAG: "i-0a1"})}, Owner.POD, id="a branch interface"
        ),
        pytest.param(
            {
                "InterfaceType": "interface",
                "Description": "aws-k8s-branch-eni",
                "TagSet": tagged(**{NODE_TAG: "i-0a1"}),
            },
            Owner.POD,
            id="a branch interface before it is associated with its trunk",
        ),
        pytest.param({"InterfaceType": "trunk", "Attachment": ATTACHED}, Owner.NODE, id="a node's trunk"),
        pytest.param({"Description": "aws-k8s-trunk-eni"}, Owner.NODE, id="a trunk that is not attached yet"),
        pytest.param({"Description": "aws-K8S-i-0a1"}, Owner.NODE, id="one of the CNI's before it is attached"),
        pytest.param(
            {"Attachment": ATTACHED, "TagSet": tagged(**{NODE_TAG: "i-0a1"})},
            Owner.NODE,
            id="a node's primary interface once the CNI has tagged it",
        ),
        pytest.param(
            {"Attachment": ATTACHED, "TagSet": tagged(**{"eks:eks-cluster-name": "demo"})},
            Owner.NODE,
            id="a primary interface that carries its cluster's tag",
        ),
        pytest.param({"Attachment": ATTACHED}, Owner.INSTANCE, id="an instance that no cluster's tag names"),
        pytest.param(
            {"Attachment": ATTACHED, "Description": "ELB app/web/1"}, Owner.INSTANCE, id="words do not beat an instance"
        ),
        pytest.param({"InterfaceType": "efa", "Attachment": ATTACHED}, Owner.INSTANCE, id="an EFA is an instance's"),
        pytest.param(
            {"Description": "AWS created network interface for directory d-1"}, Owner.OTHER, id="a directory is other"
        ),
        pytest.param({"InterfaceType": "quicksight"}, Owner.OTHER, id="a kind that we have no word for"),
        pytest.param({}, Owner.OTHER, id="an answer that says nothing"),
    ],
)
def test_owner(answer, expected):
    assert owner_of(answer) is expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            {"Attachment": ATTACHED, "TagSet": tagged(**{NODE_TAG: "i-old"})}, "i-0a1", id="the attachment counts most"
        ),
        pytest.param({"TagSet": tagged(**{NODE_TAG: "i-0a1"})}, "i-0a1", id="the CNI's tag before it is attached"),
        pytest.param({"Description": "aws-K8S-i-0a1"}, "i-0a1", id="the description where the tag is missing"),
        pytest.param({"Description": "aws-K8S-"}, None, id="a description that names no instance"),
        pytest.param({"Description": "i-0a1"}, None, id="an instance's id in somebody's own words"),
        pytest.param({"Attachment": {"InstanceOwnerId": "amazon-aws"}}, None, id="attached to what is no instance"),
        pytest.param({}, None, id="nothing said"),
    ],
)
def test_node(answer, expected):
    assert node_of(answer) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param({"cluster.k8s.amazonaws.com/name": "demo"}, "demo", id="the CNI's tag"),
        pytest.param({"kubernetes.io/cluster/demo": "owned"}, "demo", id="the tag of the resource controller"),
        pytest.param({"eks:eks-cluster-name": "demo"}, "demo", id="the tag of Auto Mode and Karpenter"),
        pytest.param({"eks:cluster-name": "demo"}, "demo", id="the tag of a managed node group"),
        pytest.param(
            {"kubernetes.io/cluster/shared": "shared", "cluster.k8s.amazonaws.com/name": "demo"},
            "demo",
            id="the CNI's tag before a subnet's kind of tag",
        ),
        pytest.param({"Name": "demo"}, "", id="any other tag"),
        pytest.param({}, "", id="no tags"),
    ],
)
def test_cluster(tags, expected):
    assert cluster_of({"TagSet": tagged(**tags)}) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("InterfaceType", "RequesterId", "Description", "TagSet", "Attachment", "InstanceId", "Key", "Value")
ODD = st.dictionaries(
    st.sampled_from(KEYS),
    JSON | st.lists(st.dictionaries(st.sampled_from(KEYS), JSON)) | st.dictionaries(st.sampled_from(KEYS), JSON),
)


@given(ODD)
def test_odd_answers_get_an_owner_too(answer):
    assert owner_of(answer) in Owner
    assert isinstance(cluster_of(answer), str)
    assert node_of(answer) is None or isinstance(node_of(answer), str)
