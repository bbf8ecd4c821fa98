"""What user data is wrapped in: base64, gzip, MIME parts. Every step is bounded, whatever it is given.

EC2 keeps at most 16 KB of raw user data (EC2 user guide, 'instancedata-add-user-data'); cloud-init and nodeadm unpack
gzip, so that what it says can be longer.
"""

from __future__ import annotations

import base64
import email
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from functions.capacity.user_data.settings import Unreadable

LONGEST = 64 * 1024  # unpacked, of all parts together: four times what EC2 keeps
DEEPEST = 16  # MIME containers
NODE_CONFIG, SHELL, CLOUD_CONFIG = "application/node.eks.aws", "text/x-shellscript", "text/cloud-config"
WINDOWS, BOTTLEROCKET, ELSEWHERE, NOTHING = "windows", "bottlerocket", "elsewhere", "nothing"

_GZIP = b"\x1f\x8b"
_MIME = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?content-type[ \t]*:", re.IGNORECASE)
_CONTAINER = re.compile(rb"content-type[ \t]*:\s{0,9}(?:multipart|message)/", re.IGNORECASE)
# How cloud-init tells bare user data: by its beginning (https://docs.cloud-init.io/en/latest/explanation/format.html).
_BEGINNINGS = {
    "#!": SHELL,
    "#cloud-boothook": SHELL,
    "#cloud-config": CLOUD_CONFIG,
    "#include": ELSEWHERE,
    "#part-handler": ELSEWHERE,
    "## template:": ELSEWHERE,
}
_CONTENT_TYPES = {
    NODE_CONFIG: NODE_CONFIG,
    SHELL: SHELL,
    "text/x-shellscript-per-boot": SHELL,
    "text/x-shellscript-per-instance": SHELL,
    "text/x-shellscript-per-once": SHELL,
    "text/cloud-boothook": SHELL,
    CLOUD_CONFIG: CLOUD_CONFIG,
    "text/x-include-url": ELSEWHERE,
    "text/x-include-once-url": ELSEWHERE,
    "text/part-handler": ELSEWHERE,
    "text/jinja2": ELSEWHERE,
}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One document of user data. `nested` stands in a MIME container that stands in another."""

    kind: str
    text: str
    nested: bool = False


def opened(user_data: str) -> tuple[Part, ...]:
    """The documents in the base64 text that EC2 keeps. Raises Unreadable, with the first layer that won't open."""
    raw = _unzipped(_decoded(user_data))
    if _MIME.match(raw):
        return tuple(_parts(raw))
    text = _text(raw)
    return (Part(kind=_kind(text), text=text),)


def _decoded(user_data: str) -> bytes:
    if len(user_data) > 2 * LONGEST:
        raise Unreadable("is longer than EC2 allows")
    try:
        return base64.b64decode("".join(user_data.split()), validate=True)
    except ValueError:
        raise Unreadable("is not base64") from None


def _unzipped(data: bytes) -> bytes:
    if not data.startswith(_GZIP):
        return data
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16: with gzip's header
    try:
        inflated = inflater.decompress(data, LONGEST + 1)
    except zlib.error:
        raise Unreadable("is gzip that is damaged") from None
    if len(inflated) > LONGEST:
        raise Unreadable(f"is gzip that unpacks to more than {LONGEST} bytes")
    if not inflater.eof or inflater.unused_data:
        raise Unreadable("is gzip that ends too early or too late")
    return inflated


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Unreadable("is not text") from None


def _parts(raw: bytes) -> Iterator[Part]:
    if len(_CONTAINER.findall(raw)) > DEEPEST:
        raise Unreadable(f"nests more than {DEEPEST} MIME containers")
    message, left = email.message_from_bytes(raw), LONGEST
    for leaf, depth in _leaves(message, 0):
        text = _text(_unzipped(_payload(leaf)))
        left -= len(text)
        if left < 0:
            raise Unreadable(f"unpacks to more than {LONGEST} bytes")
        yield Part(kind=_part_kind(leaf, text), text=text, nested=depth > 1)


def _leaves(message: Message, depth: int) -> Iterator[tuple[Message, int]]:
    if not message.is_multipart():
        if message.get_content_maintype() == "multipart":
            raise Unreadable("has a MIME container without the boundary that it names")
        yield message, depth
        return
    for each in message.get_payload():
        if isinstance(each, Message):
            yield from _leaves(each, depth + 1)


def _payload(leaf: Message) -> bytes:
    try:
        payload = leaf.get_payload(decode=True)
    except (LookupError, ValueError):  # a charset that Python does not know, or can't be the name of one
        raise Unreadable("has a MIME part whose headers can't be read") from None
    return payload if isinstance(payload, bytes) else b""


def _part_kind(leaf: Message, text: str) -> str:
    """By its Content-Type; plain text by its beginning, as cloud-init does. Others are not for the node's start."""
    declared = leaf.get_content_type()
    if declared != "text/plain":
        return _CONTENT_TYPES.get(declared, NOTHING)
    return _begun(text)


def _begun(text: str) -> str:
    return next((kind for start, kind in _BEGINNINGS.items() if text.startswith(start)), NOTHING)


def _kind(text: str) -> str:
    """What bare user data is. Raises Unreadable where nothing tells."""
    begun = _begun(text)
    if begun != NOTHING or not _without_comments(text):
        return begun
    if re.search("<(?:powershell|script)>", text, re.IGNORECASE):
        return WINDOWS
    if "node.eks.aws" in text:
        return NODE_CONFIG
    if re.search(r"^[ \t]*(?:\[\[?[ \t]*)?[\"']?settings\b", text, re.MULTILINE):
        return BOTTLEROCKET
    raise Unreadable("has a form that Headroom does not know")


def _without_comments(text: str) -> str:
    return "".join(line for line in text.splitlines() if not line.lstrip().startswith("#")).strip()
