"""What an endpoint is made of, looked at before anything is: is it there, and which bytes is it?

Whoever deploys may lack the right to look; the role that SageMaker takes is what counts then, and
the URIs are taken as they were given.
"""

import sys
from dataclasses import dataclass

from container.deploy.aws import Aws, DeniedError, NotThereError
from container.deploy.image_uri import ImageUri
from container.exits import DeployError
from serve.s3_uri import S3Uri


@dataclass(frozen=True)
class Sources:
    """An image and a model as they are now."""

    image: str
    """Its URI by digest; as given where that could not be read."""
    model_etag: str | None
    """S3's mark of the model's bytes; None where it could not be read."""


def sources_of(aws: Aws, image: ImageUri, model_data: S3Uri) -> Sources:
    """Look at both.

    Raises:
        DeployError: one of them is not there, or AWS could not be asked.
    """
    return Sources(_pinned(aws, image), _etag(aws, model_data))


def _pinned(aws: Aws, image: ImageUri) -> str:
    named = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    asked = {"registryId": image.account, "repositoryName": image.repository, "imageIds": [named]}
    try:
        found = aws.call("ecr", "describe_images", **asked)
    except NotThereError as err:
        msg = f"there is no image {image}; ./build_and_push.sh makes and pushes one"
        raise DeployError(msg) from err
    except DeniedError:
        _note(f"{image} may not be looked at by you: taken as it is")
        return str(image)
    return image.pinned(found["imageDetails"][0]["imageDigest"])


def _etag(aws: Aws, model_data: S3Uri) -> str | None:
    try:
        found = aws.call("s3", "head_object", Bucket=model_data.bucket, Key=model_data.key)
    except NotThereError as err:
        msg = f"there is no {model_data}; `aws s3 cp model.tar.gz {model_data}` puts one there"
        raise DeployError(msg) from err
    except DeniedError:  # S3 says so too of what is missing where listing is not allowed
        _note(f"{model_data} may not be looked at by you: taken as it is")
        return None
    return str(found["ETag"])


def _note(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr)
