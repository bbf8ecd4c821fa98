"""Reading a self-managed VPC CNI from a cluster's Kubernetes API: its DaemonSet, ENIConfigs and ConfigMap, no more.

Opt-in: the `kubernetes` package is in a layer of its own, only there where a deployment asks for it, and so imported
only when a cluster is read. What the cluster must allow stands in docs/self-managed-cni.md.
"""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import NoCredentialsError
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

from functions.aws.eks_token import eks_token
from functions.aws.kubernetes_errors import KubernetesError, NotThereError
from functions.capacity.cni_env import UnknownSettingsError
from functions.capacity.daemonset import uses_custom_networking

if TYPE_CHECKING:
    import boto3
    from kubernetes.client import ApiClient

# https://kubernetes.io/docs/reference/kubernetes-api/: apps/v1 DaemonSet, v1 ConfigMap; the custom resource is in
# amazon-vpc-cni-k8s, config/master/aws-k8s-cni.yaml.
DAEMON_SET = "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-node"
CONFIG_MAP = "/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni"
ENI_CONFIGS = "/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs"

MOST_BYTES = 4 * 1024 * 1024  # etcd keeps objects of up to 1.5 MiB; ENIConfigs are a few hundred bytes each
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, OK = 401, 403, 404, 200


def _own_session() -> boto3.Session:
    import boto3  # noqa: PLC0415 - a fifth of a cold start, and few deployments read Kubernetes

    return boto3.Session()


@dataclass(frozen=True, kw_only=True)
class KubernetesReader:
    """Reads as the session's role. `timeouts` are seconds to connect, and between two pieces of an answer."""

    session: boto3.Session = field(default_factory=_own_session)
    timeouts: tuple[float, float] = (5, 10)

    def read(self, cluster: Mapping[str, Any]) -> dict[str, Any]:
        """The objects of this cluster (DescribeCluster.cluster) as the API gives them; capacity/daemonset.py reads on.

        `{"daemonSet": {...}, "eniConfigs": [...], "configMap": {...} or None}`; without custom networking there is no
        key `eniConfigs`: they were not read. Raises KubernetesError.
        """
        with self._client(cluster) as client:
            objects: dict[str, Any] = {"daemonSet": self._get(client, DAEMON_SET, kind="DaemonSet")}
            if _takes_eni_configs(objects["daemonSet"]):
                objects["eniConfigs"] = self._get(client, ENI_CONFIGS, kind="ENIConfigList").get("items") or []
            objects["configMap"] = self._config_map(client)
        return objects

    @contextmanager
    def _client(self, cluster: Mapping[str, Any]) -> Iterator[ApiClient]:
        """A client that trusts the cluster's own certificate authority and no other, and tries each call once."""
        from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415 - only there where it is opted in

        configuration = Configuration(host=_endpoint(cluster), retries=False)
        with ApiClient(configuration, "Authorization", f"Bearer {self._token(cluster)}") as client:
            client.rest_client.pool_manager.connection_pool_kw["ssl_context"] = _trust(cluster)
            yield client

    def _token(self, cluster: Mapping[str, Any]) -> str:
        try:
            return eks_token(self.session, cluster["name"])
        except NoCredentialsError as error:
            raise KubernetesError("there are no AWS credentials to make a token with") from error

    def _config_map(self, client: ApiClient) -> dict[str, Any] | None:
        """Only clusters with Windows nodes or network policies need one."""
        try:
            return self._get(client, CONFIG_MAP, kind="ConfigMap")
        except NotThereError:
            return None

    def _get(self, client: ApiClient, path: str, *, kind: str) -> dict[str, Any]:
        status, body = self._answer(client, path)
        if status != OK:
            raise _refusal(status, path, body)
        found = _json(body)
        if not isinstance(found, dict) or found.get("kind") != kind:
            raise KubernetesError(f"GET {path} gave no {kind}")
        return found

    def _answer(self, client: ApiClient, path: str) -> tuple[int, bytes]:
        """The status and at most MOST_BYTES of any answer, an error's too: the client's own methods read it all."""
        from kubernetes.client import ApiException  # noqa: PLC0415 - only there where it is opted in

        request = client.param_serialize("GET", path, header_params={"Accept": "application/json"})
        try:
            answer = client.call_api(*request, _request_timeout=self.timeouts).response
            try:
                body = answer.read(MOST_BYTES + 1)
            finally:
                answer.close()
        except ApiException as error:  # of status 0: what the client makes of a TLS error
            raise KubernetesError(f"TLS with {client.configuration.host} failed: {_line(error.reason)}") from error
        except HTTPError as error:
            raise KubernetesError(f"GET {path} got no answer: {_why(error)}") from error
        if len(body) > MOST_BYTES:
            raise KubernetesError(f"GET {path} gave more than {MOST_BYTES} bytes")
        return answer.status, body


def _endpoint(cluster: Mapping[str, Any]) -> str:
    endpoint = cluster.get("endpoint")
    if not (isinstance(endpoint, str) and endpoint.startswith("https://")):
        raise KubernetesError(f"the cluster has no https endpoint (its status is {cluster.get('status', 'unknown')})")
    return endpoint.rstrip("/")


def _trust(cluster: Mapping[str, Any]) -> ssl.SSLContext:
    """Trust in DescribeCluster.cluster.certificateAuthority.data alone, base64 of PEM.

    Certificate, host name and dates are checked; not that the authority has key identifiers, which is why this is no
    ssl.create_default_context: from Python 3.13 that asks for them, and EKS made many authorities without
    (https://github.com/kubernetes-client/python/issues/2394).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        text = base64.b64decode((cluster.get("certificateAuthority") or {})["data"], validate=True).decode("ascii")
        context.load_verify_locations(cadata=text)
    except (KeyError, TypeError, ValueError, ssl.SSLError) as error:
        raise KubernetesError("the cluster's certificateAuthority.data is no certificate in base64") from error
    return context


def _takes_eni_configs(daemon_set: Mapping[str, Any]) -> bool:
    """Whether it says so; where that is not to be seen, whoever reads the settings later says why."""
    try:
        return uses_custom_networking(daemon_set)
    except UnknownSettingsError:
        return False


def _refusal(status: int, path: str, body: bytes) -> KubernetesError:
    what = {
        UNAUTHORIZED: "the cluster does not know this role: it has no access entry",
        FORBIDDEN: "the access entry is there, but no RBAC rule lets its group read this",
        NOT_FOUND: "there is none" + (", so this cluster runs no VPC CNI" if path == DAEMON_SET else ""),
    }.get(status, "neither the object nor a plain refusal")
    kind = NotThereError if status == NOT_FOUND else KubernetesError
    return kind(f"GET {path} answered {status}: {what}{_message(body)}")


def _message(body: bytes) -> str:
    """What the API's own Status object says, in brackets."""
    try:
        said = _json(body)
    except KubernetesError:
        return ""
    message = said.get("message") if isinstance(said, dict) else None
    return f" ({_line(message)})" if isinstance(message, str) and message else ""


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise KubernetesError("the answer is not JSON") from error


def _why(error: HTTPError) -> str:
    if isinstance(error, NewConnectionError | ConnectTimeoutError):
        return "no connection (is the endpoint private, or open to certain networks only?)"
    if isinstance(error, ReadTimeoutError):
        return "it stopped in the middle, or never began, before the timeout"
    return _line(f"{type(error).__name__}: {error}")


def _line(text: object) -> str:
    return " ".join(str(text).split())[:300]
