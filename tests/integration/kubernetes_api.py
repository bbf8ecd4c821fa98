"""An HTTPS server on this machine that speaks enough of a cluster's Kubernetes API, with an authority of its own.

Of a token it asks what EKS asks (aws-iam-authenticator, pkg/token/token.go, Verify); in STS's place it computes the
signature itself, as 'Signature Version 4' in the IAM user guide says, with the only secret that it knows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

REGION, SECRET = "eu-central-1", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SLOW = 30.0  # seconds until an answer comes although the server is not ready
OLDEST_TOKEN = timedelta(minutes=15)  # pkg/token/token.go, presignedURLExpiration
Answer = dict[str, Any] | bytes | int


@dataclass(kw_only=True)
class KubernetesApi:
    """What the server knows. For a path: an object, or raw bytes, or the status that it refuses with."""

    cluster: str
    objects: dict[str, Answer]
    ready: threading.Event = field(default_factory=threading.Event)  # answers wait for it
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        self.asked.append(path)
        self.ready.wait(SLOW)
        if why := wrong_with(authorization, self.cluster):
            return 401, refusal(401, why)
        found = self.objects.get(path, 404)
        if isinstance(found, int):
            return found, refusal(found, f"no {path} for\nthe likes of you")
        return 200, found if isinstance(found, bytes) else dumps(found).encode()


def refusal(code: int, message: str) -> bytes:
    """The API's object Status, https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/."""
    return dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}).encode()


# --- the token --------------------------------------------------------------------------------------------------------


def wrong_with(authorization: str, cluster: str) -> str:
    """What is wrong with a token for this cluster; empty where nothing is."""
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer" or not token.startswith("k8s-aws-v1.") or "=" in token:
        return "no bearer token of the form k8s-aws-v1."
    encoded = token.removeprefix("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = dict(parse_qsl(url.query, strict_parsing=True))
    problems = {
        "not STS of the region": (url.scheme, url.netloc, url.path) != ("https", f"sts.{REGION}.amazonaws.com", "/"),
        "not GetCallerIdentity": query.get("Action") != "GetCallerIdentity",
        "x-k8s-aws-id is not signed": query.get("X-Amz-SignedHeaders") != "host;x-k8s-aws-id",
        "not good for 60 seconds": query.get("X-Amz-Expires") != "60",
        "too old": datetime.now(UTC) - signed_at(query) > OLDEST_TOKEN,
        "signed for another cluster": query.pop("X-Amz-Signature") != signature(query, url.netloc, cluster),
    }
    return ", ".join(problem for problem, applies in problems.items() if applies)


def signed_at(query: dict[str, str]) -> datetime:
    return datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def signature(query: dict[str, str], host: str, cluster: str) -> str:
    """Of a presigned GET without a body and with x-k8s-aws-id among its headers."""
    parameters = "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))
    headers = f"host:{host}\nx-k8s-aws-id:{cluster}\n"
    request = "\n".join(("GET", "/", parameters, headers, "host;x-k8s-aws-id", hashlib.sha256().hexdigest()))
    scope = query["X-Amz-Credential"].split("/", 1)[1]
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{SECRET}".encode()
    for part in (*scope.split("/"), "\n".join(("AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, digest))):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()


# --- the server -------------------------------------------------------------------------------------------------------


@contextmanager
def serving(api: KubernetesApi, authority: Authority, folder: Path) -> Iterator[str]:
    """The server's endpoint, while it runs; its certificate comes from the authority."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body = api.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            if code in range(300, 400):
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up, at the handshake or later, is part of the tests."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = authority.server_context(folder).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_port}"
        finally:
            api.ready.set()
            server.shutdown()
            thread.join()


class Authority:
    """A certificate authority like those that EKS makes for its clusters: 'CN=kubernetes', without key identifiers."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
        self._certificate = (
            _unsigned(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def data(self) -> str:
        """As in DescribeCluster.cluster.certificateAuthority.data."""
        return base64.b64encode(self._certificate.public_bytes(Encoding.PEM)).decode()

    def server_context(self, folder: Path, *, address: str = "127.0.0.1") -> ssl.SSLContext:
        """What a server at this address needs to be trusted by whoever trusts this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _unsigned(x509.Name([]), self._name, key)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        pem = folder / "server.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
    )
