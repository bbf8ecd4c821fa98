"""Where audit reports are kept, and the links to them."""

from __future__ import annotations

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
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode(), ContentType=content_type)
        return self.s3.generate_presigned_url(
            "get_object",
            Params={"Bucket": self.bucket, "Key": key},
            ExpiresIn=int(LINKED_FOR.total_seconds()),
        )


def folder_of(at: datetime, run: str) -> str:
    """Where the reports of one run are, so that they sort by time."""
    return f"audits/{at:%Y/%m/%d/%H%M%S}-{run}"
