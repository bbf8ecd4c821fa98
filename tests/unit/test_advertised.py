"""What a group's nodes advertise: each origin and family, what sets the number, and where it can't be known."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.advertised import Advertised, advertised, setting_for, standard_max_pods
from functions.capacity.clusters import Family, LaunchTemplate, NodeGroup, Origin, Os
from functions.capacity.cni import CniSettings
from functions.capacity.model import InstanceType
from functions.capacity.user_data import read
from tests.builders import C4_LARGE, M5_8XLARGE, M5_LARGE, PREFIX_MODE, T3_SMALL, a_group

P5 = InstanceType(name="p5.48xlarge", interfaces=2, addresses_per_interface=50, vcpus=192, nitro=True)
T3_NANO = InstanceType(name="t3.nano", interfaces=2, addresses_per_interface=2, vcpus=2, nitro=True)
NODE_CONFIG = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n"
ONE = (M5_LARGE,)


def a_template(text: str = "", **fields: Any) -> LaunchTemplate:
    encoded = base64.b64encode(text.encode()).decode()
    return LaunchTemplate(id="lt-1", version="3", **{"user_data": encoded, **fields})


def group_of(*types: InstanceType, user_data: str | None = None, **fields: Any) -> NodeGroup:
    """A managed group with an AMI and user data of its own, unless the fields say otherwise."""
    template = None if user_data is None else a_template(user_data)
    group = a_group(types=[each.name for each in types])
    return replace(group, **{"own_ami": True, "template": template, **fields})


@pytest.mark.parametrize(
    ("types", "cni", "pods"),
    [
        pytest.param([M5_LARGE], CniSettings(), 29, id="secondary mode"),
        pytest.param([M5_LARGE], PREFIX_MODE, 110, id="prefix mode, capped"),
        pytest.param([M5_8XLARGE], PREFIX_MODE, 250, id="prefix mode with more than 30 vCPUs"),
        pytest.param([M5_8XLARGE], CniSettings(), 234, id="secondary mode, large"),
        pytest.param([M5_LARGE], CniSettings(custom_networking=True), 20, id="custom networking"),
        pytest.param([M5_LARGE, C4_LARGE], PREFIX_MODE, 29, id="the type that drags the group down"),
    ],
)
def test_eks_gives_a_managed_group_the_smallest_of_its_types(types, cni, pods):
    group = group_of(*types, user_data=NODE_CONFIG + "    config: {maxPods: 5}\n", own_ami=False)

    found = advertised(group, types, cni)

    assert (found.pods, found.per_type, found.unknown) == (pods, {}, "")
    assert "EKS" in found.source


@pytest.mark.parametrize("family", [Family.AL2, Family.AL2023, Family.BOTTLEROCKET])
def test_eks_does_so_for_every_linux_family(family):
    assert advertised(group_of(*ONE, own_ami=False, family=family), ONE, PREFIX_MODE).pods == 110


def test_a_managed_windows_group_has_the_kubelets_default_or_what_its_template_says():
    plain = group_of(*ONE, user_data="", own_ami=False, os=Os.WINDOWS)
    said = replace(plain, template=a_template("<powershell>& $x -KubeletExtraArgs '--max-pods=60'</powershell>"))

    assert advertised(plain, ONE, PREFIX_MODE).pods == 110
    assert advertised(replace(plain, template=None), ONE, PREFIX_MODE).pods == 110
    assert advertised(said, ONE, PREFIX_MODE).pods == 60


BOOTSTRAP = "#!/bin/bash\n/etc/eks/bootstrap.sh demo "


@pytest.mark.parametrize(
    ("user_data", "family", "pods", "source"),
    [
        pytest.param(NODE_CONFIG + "    config: {maxPods: 58}\n", None, 58, "max pods in", id="AL2023 says it"),
        pytest.param(NODE_CONFIG + "    {}\n", None, 29, "default of Amazon Linux 2023", id="AL2023 says nothing"),
        pytest.param(NODE_CONFIG + "    maxPodsExpression: max_pods - 9\n", None, 20, "Expression", id="an expression"),
        pytest.param(NODE_CONFIG + "    maxPodsExpression: nothing\n", None, 29, "Expression", id="a refused one"),
        pytest.param(
            NODE_CONFIG + "    maxPodsExpression: '7'\n    config: {maxPods: 58}\n",
            None,
            58,
            "max pods in",
            id="a number goes before an expression",
        ),
        pytest.param(BOOTSTRAP, None, 29, "default of Amazon Linux 2", id="AL2 says nothing"),
        pytest.param(BOOTSTRAP + "--use-max-pods false", None, 110, "kubelet's default", id="AL2 says only false"),
        pytest.param(
            BOOTSTRAP + "--use-max-pods false --kubelet-extra-args --max-pods=42",
            None,
            42,
            "max pods in",
            id="AL2 says it",
        ),
        pytest.param("[settings.kubernetes]\nmax-pods = 42", None, 42, "max pods in", id="Bottlerocket says it"),
        pytest.param("[settings.kubernetes]", None, 29, "default of Bottlerocket", id="Bottlerocket says nothing"),
        pytest.param("", Family.AL2023, 29, "default of Amazon Linux 2023", id="no user data, the AMI is known"),
        pytest.param("#!/bin/bash\ntrue", Family.BOTTLEROCKET, 29, "default of", id="user data of no family"),
        pytest.param("<powershell></powershell>", None, 110, "kubelet's default", id="Windows says nothing"),
    ],
)
def test_with_an_ami_of_its_own_the_user_data_decides_and_else_the_family(user_data, family, pods, source):
    found = advertised(group_of(*ONE, user_data=user_data, family=family), ONE, None)

    assert (found.pods, found.unknown) == (pods, "")
    assert source in found.source


@pytest.mark.parametrize("origin", [Origin.SELF_MANAGED, Origin.KARPENTER, Origin.ALONE])
def test_other_origins_read_their_template_whatever_own_ami_says(origin):
    group = group_of(*ONE, user_data=NODE_CONFIG + "    config: {maxPods: 58}\n", origin=origin, own_ami=False)

    assert advertised(group, ONE, PREFIX_MODE).pods == 58


def test_the_source_names_the_template():
    group = group_of(*ONE, user_data="[settings.kubernetes]\nmax-pods = 42")

    assert advertised(group, ONE, None).source == "max pods in the user data of lt-1 version 3"


def test_types_that_differ_are_told_one_by_one_and_the_smallest_counts():
    types = [M5_LARGE, T3_SMALL, M5_8XLARGE]

    found = advertised(group_of(*types, user_data=NODE_CONFIG + "    {}\n"), types, None)

    assert (found.pods, found.per_type) == (11, {"m5.large": 29, "t3.small": 11, "m5.8xlarge": 234})


def test_types_that_agree_are_one_number():
    assert advertised(group_of(M5_LARGE, C4_LARGE, user_data=BOOTSTRAP), [M5_LARGE, C4_LARGE], None).per_type == {}


def test_a_number_in_user_data_needs_no_types():
    assert advertised(group_of(user_data="[settings.kubernetes]\nmax-pods = 42"), [], None).pods == 42


@pytest.mark.parametrize(("of", "pods"), [(M5_LARGE, 110), (P5, 110), (T3_NANO, 34)])
def test_auto_mode_has_110_at_most_whatever_the_cni_is_set_to(of, pods):
    assert advertised(group_of(of, origin=Origin.AUTO_MODE), [of], CniSettings()).pods == pods


@pytest.mark.parametrize(
    ("group", "types", "named"),
    [
        pytest.param(group_of(*ONE, own_ami=False), ONE, "VPC CNI's settings", id="the CNI is not known"),
        pytest.param(group_of(*ONE, own_ami=False), (), "instance type m5.large", id="a type is not known"),
        pytest.param(group_of(own_ami=False), (), "its instance types are not known", id="no type at all"),
        pytest.param(
            group_of(M5_LARGE, T3_SMALL, user_data=BOOTSTRAP), ONE, "instance type t3.small", id="one of two types"
        ),
        pytest.param(group_of(*ONE), ONE, "its launch template is not known", id="no template"),
        pytest.param(
            group_of(*ONE, template=a_template(unknown="version 3 of lt-1 was deleted")),
            ONE,
            "version 3 of lt-1 was deleted",
            id="a template version that is gone",
        ),
        pytest.param(group_of(*ONE, origin=Origin.KARPENTER), ONE, "RESERVED_ENIS", id="Karpenter's own rule"),
        pytest.param(group_of(*ONE, user_data=""), ONE, "its AMI's family is not known", id="no family"),
        pytest.param(
            group_of(*ONE, user_data=BOOTSTRAP, family=Family.BOTTLEROCKET),
            ONE,
            "its user data is for Amazon Linux 2, its AMI is Bottlerocket",
            id="user data for another family",
        ),
        pytest.param(
            group_of(*ONE, user_data=BOOTSTRAP + '--kubelet-extra-args "$ARGS"'),
            ONE,
            "its user data has kubelet arguments in $ARGS",
            id="user data that only the node can tell",
        ),
        pytest.param(
            group_of(*ONE, user_data=NODE_CONFIG + "    maxPodsExpression: size('abc')\n"),
            ONE,
            "its user data has a maxPodsExpression with",
            id="an expression that Headroom does not evaluate",
        ),
    ],
)
def test_what_cannot_be_known_is_said_with_its_reason(group, types, named):
    found = advertised(group, types, None)

    assert named in found.unknown
    assert found == Advertised(unknown=found.unknown)


def test_the_standard_number_has_neither_prefixes_nor_a_cap():
    assert [standard_max_pods(each) for each in (M5_LARGE, T3_SMALL, M5_8XLARGE, P5)] == [29, 11, 234, 100]


IN_USER_DATA = {
    Family.AL2: "#!/bin/bash\n/etc/eks/bootstrap.sh demo {}",
    Family.AL2023: "{}",
    Family.BOTTLEROCKET: "{}",
    Family.WINDOWS: "<powershell>& $EKSBootstrapScriptFile {}</powershell>",
}


@pytest.mark.parametrize("family", Family)
def test_the_setting_to_put_is_read_back_as_the_number_and_the_family(family):
    setting = setting_for(group_of(family=family), 77)

    said = read(a_template(IN_USER_DATA[family].format(setting)).user_data)

    assert (said.max_pods, said.family, said.unknown) == (77, family, "")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        pytest.param(group_of(user_data=BOOTSTRAP), "--max-pods=77'", id="the family that the user data is for"),
        pytest.param(group_of(os=Os.WINDOWS), "-KubeletExtraArgs", id="Windows by its operating system"),
        pytest.param(group_of(origin=Origin.KARPENTER), "maxPods: 77  # of the EC2NodeClass", id="Karpenter"),
        pytest.param(group_of(own_ami=False), "next AMI or launch template update", id="EKS sets it"),
        pytest.param(group_of(origin=Origin.AUTO_MODE), "nothing to put", id="Auto Mode"),
        pytest.param(group_of(), "the kubelet's maxPods: 77", id="a family that is not known"),
    ],
)
def test_the_setting_fits_the_group(group, words):
    assert words in setting_for(group, 77)
