"""The URI of an image in Amazon ECR. Pure.

uri = account ".dkr.ecr." region ".amazonaws.com" [ ".cn" ] "/" repository ( ":" tag | "@" digest )
"""

import re
from dataclasses import dataclass
from typing import Self

_PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_URI = re.compile(
    r"(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z]{2}(?:-gov)?-[a-z]+-\d)"
    r"\.amazonaws\.com(?P<china>\.cn)?)"
    rf"/(?P<repository>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127})|@(?P<digest>sha256:[0-9a-f]{64}))"
)

ALLOWED_IMAGE = (
    "an image in ECR with its tag or digest, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG "
    "(.amazonaws.com.cn in China), as build_and_push.sh prints it"
)


@dataclass(frozen=True)
class ImageUri:
    """Where an image is; it has a tag or a digest."""

    registry: str
    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one.

        Raises:
            ValueError: it is none.
        """
        match = _URI.fullmatch(text)
        if match is None or match["region"].startswith("cn-") != bool(match["china"]):
            raise ValueError(ALLOWED_IMAGE)
        facts = match.groupdict()
        del facts["china"]
        return cls(**facts)

    @property
    def partition(self) -> str:
        """AWS's word for its part of the world, as in ARNs: `aws`, `aws-cn`, `aws-us-gov`."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def pinned(self, digest: str) -> str:
        """The same image by its content: a tag may be given to another one."""
        return f"{self.registry}/{self.repository}@{digest}"

    def __str__(self) -> str:
        suffix = f":{self.tag}" if self.tag else f"@{self.digest}"
        return f"{self.registry}/{self.repository}{suffix}"
