"""Where audit reports are kept, and the links to them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A link is signed by the function's role: it ends with the session of that role at the latest, whatever it says.
LINKED_FOR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Reports:
    """A bucket, which encrypts and keeps versions by itself (infra/audit.py)."""

    s3: S3Client
    bucket: str

    def keep(self, key: str, text: str, content_type: str) -> str:
        """Store one form of a report; a link to it."""
        self.put(key, text, content_type)
        return self.link(key)

    def put(self, key: str, text: str, content_type: str) -> None:
        """Store a text."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode(), ContentType=content_type)

    def keep_pieces(self, key: str, pieces: Iterable[str], content_type: str) -> str:
        """The same for a text that is never in memory as a whole: it waits on the disk until its end is known."""
        with tempfile.TemporaryFile() as file:
            for each in pieces:
                file.write(each.encode())
            file.seek(0)
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=file, ContentType=content_type)
        return self.link(key)

    def link(self, key: str) -> str:
        """A link to what is stored there."""
        return self.s3.generate_presigned_url(
            "get_object",
            Params={"Bucket": self.bucket, "Key": key},
            ExpiresIn=int(LINKED_FOR.total_seconds()),
        )

    def read(self, key: str) -> bytes:
        """What is stored there."""
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def names(self, folder: str) -> frozenset[str]:
        """All keys below a folder, without the folder."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{folder}/")
        keys = (each["Key"] for page in pages for each in page.get("Contents", ()))
        return frozenset(each.removeprefix(f"{folder}/") for each in keys)


def folder_of(at: datetime, run: str, *, below: str = "audits") -> str:
    """Where the reports of one run are, so that they sort by time."""
    return f"{below}/{at:%Y/%m/%d/%H%M%S}-{run}"
