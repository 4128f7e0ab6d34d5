"""Makes clients of Amazon S3, and of stores that speak its language, from dagster-aws' resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from dagster_aws.s3 import S3Resource

from cdp_assets.config.location import S3Location
from cdp_assets.exchange.locations import Secrets

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SESSION_NAME = "cdp"
"""Names us in the log of the account whose role is taken on."""


def s3_client(location: S3Location, secrets: Secrets) -> S3Client:
    """Give a client with a credential's keys, else as the machine that this runs on; of a role where one is named."""
    keys = _own_keys(secrets) if location.role_arn is None else _keys_of_role(location, secrets)
    resource = S3Resource(
        region_name=location.region,
        endpoint_url=location.endpoint_url,
        aws_access_key_id=keys.get("aws_access_key_id"),
        aws_secret_access_key=keys.get("aws_secret_access_key"),
        aws_session_token=keys.get("aws_session_token"),
        max_attempts=0,  # of further tries: botocore does not count the first, whatever dagster-aws says
    )
    client: S3Client = resource.get_client()
    return client


def _own_keys(secrets: Secrets) -> dict[str, Any]:
    return {f"aws_{field}": secret.reveal() for field, secret in secrets.items()}


def _keys_of_role(location: S3Location, secrets: Secrets) -> dict[str, Any]:
    """Give keys that hold for an hour; a store other than Amazon's gives them at its own address."""
    sts = boto3.client("sts", region_name=location.region, endpoint_url=location.endpoint_url, **_own_keys(secrets))
    agreed = {} if location.external_id is None else {"ExternalId": location.external_id}
    answer = sts.assume_role(RoleArn=location.role_arn, RoleSessionName=SESSION_NAME, **agreed)
    found = answer["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }
