"""`deploy`: an endpoint on SageMaker out of an image and a model, by boto3.

It makes a model, an endpoint configuration and the endpoint, and waits until that is in service.
Run again with the same arguments, it changes nothing; with others it updates the endpoint, which
goes on answering, and removes what is no longer used. `deploy delete NAME` removes everything.

The region is the image's. The role is what SageMaker works as; docs/deploy.md has how to make one.
"""

import argparse
import sys
from contextlib import closing
from dataclasses import fields
from typing import Any

from container.deploy.arguments import add_common, add_how, add_what, options_of
from container.deploy.aws import Aws, own_region
from container.deploy.invocation import lines_of
from container.deploy.options import Options, check_name
from container.deploy.plan import plan_of
from container.deploy.removal import remove
from container.deploy.rollout import roll_out
from container.deploy.sources import sources_of
from serve.setting import SettingsError
from serve.settings import Settings


def add_parser(commands: Any) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "deploy",
        help="make, change or remove an endpoint on SageMaker",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage="%(prog)s --model-data S3_URI --image URI --role ARN [OPTION ...]\n"
        "       %(prog)s delete NAME [--region R] [--no-wait]",
    )
    add_what(parser)
    add_how(parser)
    add_common(parser)
    parser.set_defaults(run=run)
    more = parser.add_subparsers(metavar="delete NAME", prog="python -m container deploy")
    delete = more.add_parser("delete", help="remove an endpoint and all that was made for it")
    delete.add_argument("endpoint", metavar="NAME", help="the endpoint's")
    add_common(delete)
    delete.set_defaults(run=run_delete)


def run(arguments: argparse.Namespace) -> int:
    """Judge everything, then make what is not there."""
    options = options_of(arguments)
    region = options.image.region
    if getattr(arguments, "region", region) != region:
        msg = f"--region {arguments.region}: the image is in {region}, where its endpoint must be"
        raise SettingsError(msg)
    _warn_of_unknown(options)
    waits = getattr(arguments, "wait", True)
    with closing(Aws(region)) as aws:
        sources = sources_of(aws, options.image, options.model_data)
        plan = plan_of(options, sources.image, sources.model_etag)
        done = roll_out(aws, plan, waits=waits)
    print(f"endpoint {options.name} in {region}: {done}")
    if not waits:
        print("run the same without --no-wait: it waits, sets scaling and removes what is unused")
    print(f"\n{lines_of(options.name, region, options.output)}")
    print(f"remove it: python -m container deploy delete {options.name} --region {region}")
    return 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Remove an endpoint; that there is none is no error."""
    name = arguments.endpoint
    check_name(name)
    region = getattr(arguments, "region", None) or own_region()
    if region is None:
        msg = "no region: give --region, or set AWS_REGION"
        raise SettingsError(msg)
    with closing(Aws(region)) as aws:
        removed = remove(aws, name, waits=getattr(arguments, "wait", True))
    print("\n".join(f"removed {part}" for part in removed) or f"nothing of {name} is in {region}")
    return 0


def _warn_of_unknown(options: Options) -> None:
    """A setting that is misspelt would be passed over by the container."""
    known = {field.metadata["name"] for field in fields(Settings) if field.metadata}
    for name in sorted(options.environment.keys() - known):
        if name.startswith("SEG_"):
            print(f"warning: --env {name}: there is no such setting", file=sys.stderr)
