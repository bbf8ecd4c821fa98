"""The reader of a self-managed CNI against a server that speaks the Kubernetes API over TLS."""

from __future__ import annotations

import base64
import itertools
import re
import socket
import ssl
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3
import pytest
import yaml

from functions.aws.eks_token import eks_token
from functions.aws.kubernetes import CONFIG_MAP, DAEMON_SET, ENI_CONFIGS, MOST_BYTES, KubernetesReader
from functions.aws.kubernetes_errors import KubernetesError
from functions.capacity.cni import WindowsSettings
from functions.capacity.daemonset import cni_settings_of_daemonset, pod_subnets
from tests.integration.kubernetes_api import REGION, SECRET, Answer, Authority, KubernetesApi, serving, wrong_with


def daemon_set(*, version: str = "v1.20.0", **env: str) -> dict[str, Any]:
    """As the API gives it, with what kubectl apply and the API server add."""
    variables: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in env.items()]
    variables.append({"name": "MY_NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}})
    image = f"602401143452.dkr.ecr.eu-central-1.amazonaws.com/amazon-k8s-cni:{version}"
    pod = {
        "initContainers": [{"name": "aws-vpc-cni-init", "image": image, "env": []}],
        "containers": [{"name": "aws-eks-nodeagent"}, {"name": "aws-node", "image": image, "env": variables}],
    }
    return {
        "kind": "DaemonSet",
        "apiVersion": "apps/v1",
        "metadata": {"name": "aws-node", "namespace": "kube-system", "generation": 3, "managedFields": []},
        "spec": {"template": {"spec": pod}},
        "status": {"numberReady": 4},
    }


def config_map(**data: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in data.items()}
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "amazon-vpc-cni"}, "data": named}


def eni_configs(**subnets: str) -> dict[str, Any]:
    items = [
        {"kind": "ENIConfig", "metadata": {"name": name.replace("_", "-")}, "spec": {"subnet": subnet}}
        for name, subnet in subnets.items()
    ]
    return {"kind": "ENIConfigList", "apiVersion": "crd.k8s.amazonaws.com/v1alpha1", "metadata": {}, "items": items}


CUSTOM = {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true"}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def session(monkeypatch) -> boto3.Session:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return boto3.Session(
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=SECRET,
        aws_session_token="a/token+of=a role",
        region_name=REGION,
    )


class Serve(Protocol):
    def __call__(
        self, objects: dict[str, Answer], *, knows: str = ..., slow: bool = ...
    ) -> tuple[KubernetesApi, dict[str, Any]]: ...


@pytest.fixture
def serve(authority, tmp_path: Path) -> Iterator[Serve]:
    """Starts a server; gives it, and the cluster as DescribeCluster tells of it."""
    with ExitStack() as running:

        def start(
            objects: dict[str, Answer], *, knows: str = "shop", slow: bool = False
        ) -> tuple[KubernetesApi, dict[str, Any]]:
            api = KubernetesApi(cluster=knows, objects=objects)
            if not slow:
                api.ready.set()
            endpoint = running.enter_context(serving(api, authority, tmp_path))
            return api, a_cluster(endpoint, authority)

        yield start


def a_cluster(endpoint: str, authority: Authority) -> dict[str, Any]:
    return {"name": "shop", "endpoint": endpoint, "certificateAuthority": {"data": authority.data()}}


def error_of(session: boto3.Session, cluster: dict[str, Any], **options: Any) -> str:
    with pytest.raises(KubernetesError) as raised:
        KubernetesReader(session=session, **options).read(cluster)
    message = str(raised.value)
    assert message.splitlines() == [message]
    return message


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        pytest.param("v1.15.4-eksbuild.1", (1, 15, 4), id="before subnet discovery"),
        pytest.param("v1.20.1", (1, 20, 1), id="with subnet discovery"),
    ],
)
def test_custom_networking_and_windows_of_a_self_managed_cni(session, serve, version, numbers):
    found = daemon_set(version=version, ENABLE_PREFIX_DELEGATION="true", WARM_IP_TARGET="5", **CUSTOM)
    windows = config_map(enable_windows_ipam="true", enable_windows_prefix_delegation="true", warm_ip_target="2")
    configs = eni_configs(eu_central_1a="subnet-a", eu_central_1b="subnet-b")
    api, cluster = serve({DAEMON_SET: found, ENI_CONFIGS: configs, CONFIG_MAP: windows})

    objects = KubernetesReader(session=session).read(cluster)

    assert objects == {"daemonSet": found, "eniConfigs": configs["items"], "configMap": windows}
    assert api.asked == [DAEMON_SET, ENI_CONFIGS, CONFIG_MAP]
    settings = cni_settings_of_daemonset(objects, ipv6=False)
    assert (settings.version, settings.prefix_delegation, settings.warm_ip_target) == (numbers, True, 5)
    assert settings.subnet_discovery is (numbers >= (1, 18))
    assert settings.windows == WindowsSettings(prefix_delegation=True, warm_ip_target=2, minimum_ip_target=3)
    assert pod_subnets(objects) == {"eu-central-1a": "subnet-a", "eu-central-1b": "subnet-b"}


def test_without_custom_networking_and_windows_only_two_things_are_asked_for(session, serve):
    api, cluster = serve({DAEMON_SET: daemon_set(), ENI_CONFIGS: eni_configs(default="subnet-a")})
    objects = KubernetesReader(session=session).read(cluster)
    assert objects == {"daemonSet": daemon_set(), "configMap": None}
    assert api.asked == [DAEMON_SET, CONFIG_MAP]
    assert pod_subnets(objects) is None


def test_a_daemon_set_that_hides_a_setting_is_read_all_the_same(session, serve):
    hiding = daemon_set()
    hiding["spec"]["template"]["spec"]["containers"][1]["env"] = [
        {"name": "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "valueFrom": {"configMapKeyRef": {"name": "cni"}}}
    ]
    _, cluster = serve({DAEMON_SET: hiding})
    assert KubernetesReader(session=session).read(cluster) == {"daemonSet": hiding, "configMap": None}


def test_custom_networking_without_a_single_eni_config(session, serve):
    _, cluster = serve({DAEMON_SET: daemon_set(**CUSTOM), ENI_CONFIGS: eni_configs() | {"items": None}})
    assert pod_subnets(KubernetesReader(session=session).read(cluster)) == {}


def test_the_documented_rules_allow_what_is_read_and_nothing_more():
    text = (Path(__file__).parents[2] / "docs" / "self-managed-cni.md").read_text()
    (block,) = re.findall(r"^   ```yaml\n(.*?)^   ```$", text, re.MULTILINE | re.DOTALL)
    documents = list(yaml.safe_load_all(textwrap.dedent(block)))
    roles = {each["kind"]: each for each in documents if "rules" in each}
    bindings = {each["roleRef"]["kind"]: each for each in documents if "roleRef" in each}

    assert {path for role in roles.values() for path in allowed_paths(role)} == {
        ("get", DAEMON_SET),
        ("get", CONFIG_MAP),
        ("list", ENI_CONFIGS),
    }
    for kind, role in roles.items():
        assert bindings[kind]["roleRef"]["name"] == role["metadata"]["name"]
        assert bindings[kind]["metadata"].get("namespace") == role["metadata"].get("namespace")
        assert [(each["kind"], each["name"]) for each in bindings[kind]["subjects"]] == [("Group", "headroom")]
    assert "--kubernetes-groups headroom" in text


VERSIONS = {"": "/api/v1", "apps": "/apis/apps/v1", "crd.k8s.amazonaws.com": "/apis/crd.k8s.amazonaws.com/v1alpha1"}


def allowed_paths(role: dict[str, Any]) -> Iterator[tuple[str, str]]:
    namespace = role["metadata"].get("namespace")
    within = f"/namespaces/{namespace}" if namespace else ""
    for rule in role["rules"]:
        for group, resource, verb in itertools.product(rule["apiGroups"], rule["resources"], rule["verbs"]):
            for name in rule.get("resourceNames", [""]):
                yield verb, f"{VERSIONS[group]}{within}/{resource}/{name}".rstrip("/")


# --- what goes wrong --------------------------------------------------------------------------------------------------

PLAIN: dict[str, Answer] = {DAEMON_SET: daemon_set(), CONFIG_MAP: config_map()}


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        pytest.param(PLAIN | {DAEMON_SET: 403}, "daemonsets/aws-node answered 403: .* no RBAC rule", id="no rule"),
        pytest.param(PLAIN | {CONFIG_MAP: 403}, "configmaps/amazon-vpc-cni answered 403", id="no rule for one of them"),
        pytest.param(PLAIN | {DAEMON_SET: 404}, "runs no VPC CNI", id="no VPC CNI"),
        pytest.param(
            {DAEMON_SET: daemon_set(**CUSTOM)}, "eniconfigs answered 404: there is none", id="no ENIConfigs at all"
        ),
        pytest.param(PLAIN | {DAEMON_SET: 500}, "answered 500", id="an error of the server"),
        pytest.param(PLAIN | {DAEMON_SET: 302, "/elsewhere": daemon_set()}, "answered 302", id="sent elsewhere"),
        pytest.param(PLAIN | {DAEMON_SET: b"<html>"}, "not JSON", id="a web page"),
        pytest.param(PLAIN | {DAEMON_SET: b'{"kind": "Daemo'}, "not JSON", id="half an object"),
        pytest.param(PLAIN | {DAEMON_SET: b"\xff\xfe{"}, "not JSON", id="bytes that are no text"),
        pytest.param(PLAIN | {DAEMON_SET: b"[" * 200_000}, "not JSON", id="nested too deep"),
        pytest.param(PLAIN | {DAEMON_SET: b"[]"}, "gave no DaemonSet", id="a list"),
        pytest.param(PLAIN | {DAEMON_SET: config_map()}, "gave no DaemonSet", id="another object"),
        pytest.param(PLAIN | {CONFIG_MAP: b"null"}, "gave no ConfigMap", id="null"),
        pytest.param(PLAIN | {DAEMON_SET: b" " * (MOST_BYTES + 1)}, "more than 4194304 bytes", id="far too much"),
    ],
)
def test_an_api_that_does_not_say_what_is_asked(session, serve, objects, said):
    _, cluster = serve(objects)
    assert re.search(said, error_of(session, cluster))


def test_a_refusal_is_told_in_the_words_of_the_api_on_one_line(session, serve):
    _, cluster = serve(PLAIN | {DAEMON_SET: 403})
    assert f"(no {DAEMON_SET} for the likes of you)" in error_of(session, cluster)


def test_a_token_for_another_cluster_is_refused(session, serve):
    _, cluster = serve(PLAIN, knows="warehouse")
    assert re.search("answered 401: .* no access entry .*signed for another cluster", error_of(session, cluster))


def test_an_answer_that_does_not_come_is_not_waited_for_and_not_asked_for_again(session, serve):
    """Who waits for more than SLOW seconds gets it, and so no error."""
    api, cluster = serve(PLAIN, slow=True)
    assert "before the timeout" in error_of(session, cluster, timeouts=(60, 0.2))
    assert api.asked == [DAEMON_SET]


def test_an_endpoint_that_says_nothing(session, authority):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        cluster = a_cluster(f"https://127.0.0.1:{silent.getsockname()[1]}", authority)
        assert "before the timeout" in error_of(session, cluster, timeouts=(0.2, 0.2))


def test_an_endpoint_that_is_not_reached(session, authority):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert "is the endpoint private" in error_of(session, a_cluster(f"https://127.0.0.1:{port}", authority))


def test_what_is_no_http(session, authority, tmp_path):
    with authority.server_context(tmp_path).wrap_socket(
        socket.create_server(("127.0.0.1", 0)), server_side=True
    ) as server:
        answering = threading.Thread(target=lambda: _answer_once(server, b"SSH-2.0-none\r\n"))
        answering.start()
        message = error_of(session, a_cluster(f"https://127.0.0.1:{server.getsockname()[1]}", authority))
        answering.join()
    assert "got no answer: ProtocolError" in message


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        pytest.param({"status": "CREATING"}, "no https endpoint .its status is CREATING", id="still being made"),
        pytest.param({"endpoint": "http://127.0.0.1:1"}, "no https endpoint", id="an endpoint without TLS"),
        pytest.param({"endpoint": "https://127.0.0.1:1"}, "certificateAuthority", id="no authority"),
        pytest.param(
            {"endpoint": "https://127.0.0.1:1", "certificateAuthority": {"data": "%"}},
            "certificateAuthority",
            id="an authority that is no base64",
        ),
        pytest.param(
            {"endpoint": "https://127.0.0.1:1", "certificateAuthority": {"data": base64.b64encode(b"-----").decode()}},
            "certificateAuthority",
            id="an authority that is no certificate",
        ),
        pytest.param(
            {"endpoint": "https://127.0.0.1:1", "certificateAuthority": {"data": ""}},
            "certificateAuthority",
            id="an authority of nothing, which must not mean everybody's",
        ),
    ],
)
def test_a_cluster_that_cannot_be_asked(session, cluster, said):
    assert re.search(said, error_of(session, {"name": "shop", **cluster}))


# --- whom we trust, and who we say that we are ------------------------------------------------------------------------


def test_an_endpoint_of_another_authority_is_refused_before_it_sees_the_token(session, serve):
    api, cluster = serve(PLAIN)
    message = error_of(session, cluster | {"certificateAuthority": {"data": Authority().data()}})
    assert re.search("^TLS with https://127.0.0.1:[0-9]+ failed: .*CERTIFICATE_VERIFY_FAILED", message)
    assert api.asked == []


def test_a_certificate_for_another_host_is_refused(session, serve, authority, monkeypatch):
    honest = authority.server_context
    monkeypatch.setattr(authority, "server_context", lambda folder: honest(folder, address="127.0.0.2"))
    api, cluster = serve(PLAIN)
    assert "IP address mismatch" in error_of(session, cluster)
    assert api.asked == []


def strict(make: Callable[..., ssl.SSLContext]) -> Callable[..., ssl.SSLContext]:
    """As Python 3.13 makes a context, whichever Python this is."""

    def made(**options: Any) -> ssl.SSLContext:
        context = make(**options)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        return context

    return made


def test_an_authority_without_key_identifiers_is_trusted_by_python_3_13_too(session, serve, authority, monkeypatch):
    monkeypatch.setattr(ssl, "create_default_context", strict(ssl.create_default_context))
    _, cluster = serve(PLAIN)
    assert KubernetesReader(session=session).read(cluster)["daemonSet"] == PLAIN[DAEMON_SET]

    address = urlsplit(cluster["endpoint"])
    plain = ssl.create_default_context(cadata=base64.b64decode(authority.data()).decode())
    with (
        socket.create_connection(("127.0.0.1", address.port or 0)) as connection,
        pytest.raises(ssl.SSLCertVerificationError, match="Missing Authority Key Identifier"),
    ):
        plain.wrap_socket(connection, server_hostname="127.0.0.1")


def test_a_token_is_taken_for_its_cluster_alone(session):
    token = f"Bearer {eks_token(session, 'shop')}"
    assert wrong_with(token, "shop") == ""
    assert wrong_with(token, "shop2") == "signed for another cluster"
    assert wrong_with(token.removeprefix("Bearer "), "shop") != ""


def test_without_credentials_there_is_no_token(authority, monkeypatch):
    session = boto3.Session(region_name=REGION)
    monkeypatch.setattr(session, "get_credentials", lambda: None)
    assert "no AWS credentials" in error_of(session, a_cluster("https://127.0.0.1:1", authority))
