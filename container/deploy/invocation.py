"""Lines that ask an endpoint for a mask, ready to be pasted. Pure."""

from serve.s3_uri import S3Uri


def lines_of(name: str, region: str, output: S3Uri | None) -> str:
    """For the aws CLI and for boto3.

    Args:
        name: the endpoint's.
        region: where it is.
        output: where an asynchronous endpoint writes; None: it answers at once.
    """
    return _at_once(name, region) if output is None else _later(name, region, output)


def _at_once(name: str, region: str) -> str:
    return f"""\
aws sagemaker-runtime invoke-endpoint --region {region} --endpoint-name {name} \\
  --content-type image/jpeg --accept image/png --body fileb://photo.jpg mask.png

import boto3

runtime = boto3.client("sagemaker-runtime", region_name="{region}")
with open("photo.jpg", "rb") as photo:
    answer = runtime.invoke_endpoint(
        EndpointName="{name}", ContentType="image/jpeg", Accept="image/png", Body=photo.read()
    )
with open("mask.png", "wb") as mask:
    mask.write(answer["Body"].read())
"""


def _later(name: str, region: str, output: S3Uri) -> str:
    photo = f"s3://{output.bucket}/photos/photo.jpg"
    return f"""\
aws s3 cp photo.jpg {photo} --region {region}
aws sagemaker-runtime invoke-endpoint-async --region {region} --endpoint-name {name} \\
  --content-type image/jpeg --accept image/png --input-location {photo}

import boto3

runtime = boto3.client("sagemaker-runtime", region_name="{region}")
answer = runtime.invoke_endpoint_async(
    EndpointName="{name}",
    ContentType="image/jpeg",
    Accept="image/png",
    InputLocation="{photo}",
)
print("the mask will be", answer["OutputLocation"])
"""
