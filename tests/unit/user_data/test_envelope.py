"""What user data is wrapped in, for what no readable file can show: bytes, gzip, sizes."""

import base64
import gzip
import time
import zlib

import pytest

from functions.capacity.clusters import Family
from functions.capacity.user_data import KubeletSettings, read
from tests.unit.user_data.files import encoded

SCRIPT = "#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args '--max-pods=110'\n"
SAYS_110 = KubeletSettings(max_pods=110, family=Family.AL2)
HEAD = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="B"\n\n'
PART = "--B\nContent-Type: {}\nContent-Transfer-Encoding: base64\n\n{}\n\n"


def in_parts(*contents: bytes, kind: str = "text/x-shellscript") -> str:
    """As Terraform's cloudinit_config writes it: each part in base64."""
    parts = [PART.format(kind, base64.encodebytes(each).decode()) for each in contents]
    return encoded(HEAD + "".join(parts) + "--B--\n")


@pytest.mark.parametrize(
    "user_data",
    [
        pytest.param(encoded(SCRIPT), id="base64"),
        pytest.param(base64.encodebytes(SCRIPT.encode()).decode(), id="base64 in lines"),
        pytest.param(encoded(gzip.compress(SCRIPT.encode())), id="gzip"),
        pytest.param(in_parts(SCRIPT.encode()), id="a MIME part in base64"),
        pytest.param(in_parts(gzip.compress(SCRIPT.encode())), id="a MIME part in gzip"),
        pytest.param(encoded(SCRIPT.replace("\n", "\r\n")), id="Windows line ends"),
    ],
)
def test_every_layer_opens(user_data):
    assert read(user_data) == SAYS_110


@pytest.mark.parametrize("empty", ["", "  \n", encoded(" \n\n"), encoded(gzip.compress(b"", mtime=0))])
def test_no_user_data_says_nothing(empty):
    assert read(empty) == KubeletSettings()


@pytest.mark.parametrize(
    ("user_data", "reason"),
    [
        pytest.param("!" + encoded(SCRIPT), "is not base64", id="a character that is no base64"),
        pytest.param("YWI", "is not base64", id="base64 without its padding"),
        pytest.param("ÄÖÜ=", "is not base64", id="not even ASCII"),
        pytest.param(SCRIPT, "is not base64", id="plain text"),
        pytest.param(encoded(b"\xff\xfe\x00#!"), "is not text", id="bytes that are no UTF-8"),
        pytest.param(encoded(encoded(SCRIPT)), "a form that Headroom does not know", id="base64 within base64"),
        pytest.param("A" * 200_000, "is longer than EC2 allows", id="longer than EC2 keeps"),
        pytest.param(
            encoded(gzip.compress(b"#" * 70_000, mtime=0)), "unpacks to more than 65536 bytes", id="a gzip bomb"
        ),
        pytest.param(
            in_parts(*[gzip.compress(b"#" * 60_000, mtime=0)] * 2),
            "unpacks to more than 65536 bytes",
            id="a bomb in two parts",
        ),
        pytest.param(encoded(b"\x1f\x8bnonsense"), "is gzip that is damaged", id="gzip in name only"),
        pytest.param(encoded(gzip.compress(SCRIPT.encode())[:-9]), "ends too early or too late", id="gzip cut off"),
        pytest.param(
            encoded(gzip.compress(b"a", mtime=0) * 2), "ends too early or too late", id="gzip with more behind it"
        ),
        pytest.param(in_parts(b"\xff\xfe"), "is not text", id="a MIME part that is no text"),
        pytest.param(encoded(zlib.compress(SCRIPT.encode())), "is not text", id="zlib, which nobody unpacks"),
    ],
)
def test_a_layer_that_does_not_open_is_named(user_data, reason):
    said = read(user_data)

    assert reason in said.unknown
    assert said.max_pods is None


@pytest.mark.parametrize("charset", ['"us\0"', "none-such", '"us', "utf-16", "*0*=x"])
def test_an_odd_charset_in_a_parts_header_is_passed_over_or_named(charset):
    """Pythons differ in whether they look at it."""
    said = read(
        encoded(f"{HEAD}--B\nContent-Type: text/x-shellscript; charset={charset}\n\n#!/bin/bash\necho ä\n--B--\n")
    )

    assert said.unknown in {"", "has a MIME part whose headers can't be read"}


HUGE = 64 * 1024 - 200
NODE_CONFIG = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NODE_CONFIG + "spec: " + "[" * HUGE, id="YAML brackets"),
        pytest.param(NODE_CONFIG + "? " * (HUGE // 2), id="YAML keys in keys"),
        pytest.param(NODE_CONFIG + "a: b\n" * (HUGE // 5), id="YAML lines"),
        pytest.param("#!/bin/bash\n" + "\n" * HUGE, id="empty lines"),
        pytest.param("#!/bin/bash\n" + ";" * HUGE, id="ends of commands"),
        pytest.param("#!/bin/bash\n" + "/etc/eks/bootstrap.sh '\n" * (HUGE // 24), id="calls with open quotes"),
        pytest.param("#!/bin/bash\nsudo " + "bash -x " * (HUGE // 8), id="commands before commands"),
        pytest.param("[settings]\n" + "a." * 490 + "a=1\n" + ("b" + "." + "a." * 480 + "a={}\n") * 60, id="TOML keys"),
        pytest.param("[settings]\na = " + "{a=" * (HUGE // 3), id="TOML tables"),
        pytest.param("<powershell>" + "-KubeletExtraArgs '" * (HUGE // 20), id="PowerShell quotes"),
        pytest.param("<powershell>" + "-KubeletExtraArgs \t" * (HUGE // 20), id="PowerShell without values"),
        pytest.param(HEAD + "--B\n\n" * (HUGE // 5), id="MIME parts"),
        pytest.param("a: b\n" * (HUGE // 5), id="headers"),
        pytest.param("A:" + "\n " * (HUGE // 2), id="a header over many lines"),
    ],
)
def test_the_worst_texts_end_soon(text):
    started = time.process_time()

    said = read(encoded(gzip.compress(text.encode())))

    assert time.process_time() - started < 5
    assert "could not be read" not in said.unknown
