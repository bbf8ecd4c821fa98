"""User data with another maximum of pods, in each family's form; what else it says stays."""

import pytest

from functions.capacity.clusters import Family, Os
from functions.capacity.migration.kubelet import ByHand, encoded, with_max_pods
from functions.capacity.user_data import read
from tests.unit.migration.situations import a_situation, group_with, steps, template

NODE_CONFIG = (
    "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n"
    "  kubelet:\n    flags:\n      - --node-labels=a=b\n"
)
MIME = (
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="B"\n\n--B\n'
    f"Content-Type: application/node.eks.aws\n\n{NODE_CONFIG}\n--B\n"
    "Content-Type: text/x-shellscript\n\n#!/bin/bash\necho hello\n\n--B--\n"
)
BOTTLEROCKET = '[settings.kubernetes]\ncluster-name = "demo"\n\n[settings.host-containers.admin]\nenabled = true\n'
WINDOWS = "<powershell>\n& $EKSBootstrapScriptFile -EKSClusterName demo 3>&1\n</powershell>\n"


@pytest.mark.parametrize(
    ("family", "text", "kept"),
    [
        pytest.param(Family.AL2, "#!/bin/bash\n/etc/eks/bootstrap.sh demo\n", "bootstrap.sh", id="AL2, nothing set"),
        pytest.param(
            Family.AL2,
            "#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--node-labels=a=b'\n",
            "--node-labels=a=b'",
            id="AL2 with other arguments",
        ),
        pytest.param(
            Family.AL2,
            '#!/bin/bash\n/etc/eks/bootstrap.sh demo --use-max-pods false --kubelet-extra-args "--max-pods=29 --v=2"\n',
            "--v=2",
            id="AL2 with the old number",
        ),
        pytest.param(Family.AL2023, NODE_CONFIG, "--node-labels=a=b", id="AL2023, a NodeConfig alone"),
        pytest.param(Family.AL2023, f"{NODE_CONFIG}    config:\n      maxPods: 29\n", "name: demo", id="AL2023, set"),
        pytest.param(Family.AL2023, MIME, "echo hello", id="AL2023 in MIME parts"),
        pytest.param(
            Family.AL2023,
            NODE_CONFIG.replace("--node-labels=a=b", "--max-pods=29"),
            "name: demo",
            id="AL2023 with the old number as a flag",
        ),
        pytest.param(Family.BOTTLEROCKET, BOTTLEROCKET, "enabled = true", id="Bottlerocket, nothing set"),
        pytest.param(
            Family.BOTTLEROCKET,
            BOTTLEROCKET.replace("\n\n", "\nmax-pods = 29\n\n"),
            "enabled = true",
            id="Bottlerocket with the old number",
        ),
        pytest.param(
            Family.BOTTLEROCKET, '[settings.ntp]\ntime-servers = ["x"]\n', "time-servers", id="Bottlerocket, no table"
        ),
        pytest.param(Family.WINDOWS, WINDOWS, "3>&1", id="Windows, nothing set"),
        pytest.param(
            Family.WINDOWS,
            WINDOWS.replace(" 3>&1", " -KubeletExtraArgs '--v=2' 3>&1"),
            "--v=2",
            id="Windows with other arguments",
        ),
    ],
)
def test_the_number_is_put_in_the_familys_form(family, text, kept):
    written = with_max_pods(group_with(family=family, own_ami=True, template=template(text)), 110)
    said = read(encoded(written))
    assert (said.max_pods, said.family, said.unknown) == (110, family, "")
    assert kept in written
    assert "29" not in written or family is Family.AL2023, "NodeConfigs merge: the last one counts"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "no user data", id="there is none"),
        pytest.param("#!/bin/bash\necho hello\n", "not rewritten here", id="a script that starts no kubelet"),
        pytest.param(
            "#!/bin/bash\n/etc/eks/bootstrap.sh demo\nsed -i s/a/b/ /etc/kubernetes/kubelet/x.json\n",
            "touches the kubelet's settings",
            id="a script that edits the kubelet's files",
        ),
        pytest.param(
            f"#!/bin/bash\n# {'x' * 16_360}\n/etc/eks/bootstrap.sh demo\n", "longer than", id="no room for more"
        ),
    ],
)
def test_what_cannot_be_rewritten_for_sure_is_left_to_a_person(text, says):
    group = group_with(family=Family.AL2, own_ami=True, template=template(text))
    with pytest.raises(ByHand, match=says):
        with_max_pods(group, 110)
    step = steps(a_situation(group))["max-pods:workers"]
    assert (step.calls, bool(step.by_hand), says in step.why) == ((), True, True)


def test_the_new_group_launches_from_the_version_made_for_it():
    group = group_with(family=Family.AL2, own_ami=True, template=template("#!/bin/bash\n/etc/eks/bootstrap.sh demo\n"))
    before = steps(a_situation(group))
    (call,) = before["max-pods:workers"].calls
    assert call.arguments["SourceVersion"] == "3"
    assert "--max-pods=110" in before["max-pods:workers"].shown
    after = steps(a_situation(group, template_versions={"workers": "4"}))
    assert after["max-pods:workers"].state == "done"
    (call,) = after["new-group:workers"].calls
    assert call.arguments["launchTemplate"] == {"id": "lt-0123456789abcdef0", "version": "4"}


@pytest.mark.parametrize(("flag", "told"), [("", False), (" -KubeletExtraArgs '--max-pods=30'", True)])
def test_windows_nodes_are_told_only_where_they_would_take_fewer(flag, told):
    """Their pods go where an address is left: 48 on a t3.small, whose kubelet says 110."""
    text = WINDOWS.replace(" 3>&1", f"{flag} 3>&1")
    group = group_with(
        family=Family.WINDOWS, os=Os.WINDOWS, own_ami=True, instance_types=("t3.small",), template=template(text)
    )
    assert ("max-pods:workers" in steps(a_situation(group))) is told


def test_where_the_number_is_right_already_nothing_is_made():
    text = "#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110'\n"
    assert "max-pods:workers" not in steps(
        a_situation(group_with(family=Family.AL2, own_ami=True, template=template(text)))
    )
