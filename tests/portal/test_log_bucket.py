"""Heads of the log in a bucket, on a server that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from portal.config import stores
from portal.models import AuditSeal, User
from portal.services import audit, log_heads
from tests.portal.test_log_chain import falsified
from tests.portal.test_log_heads import verify

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        running.stop()


@pytest.fixture
def bucket(server: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", REGION),
    ):
        monkeypatch.setenv(name, value)
    store = boto3.client("s3", endpoint_url=server, region_name=REGION)
    store.create_bucket(
        Bucket="evidence",
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectLockEnabledForBucket=True,
    )
    settings.STORAGES = {
        **settings.STORAGES,
        "log_heads": stores.log_heads(
            "s3://evidence/greenroom", folder="", endpoint=server, lock_days=30
        ),
    }
    return store


@pytest.mark.django_db(transaction=True)
def test_a_head_is_kept_locked_found_again_and_missed(
    bucket: Any, artist: User, admin: User, second_admin: User
) -> None:
    assert log_heads.compare_newest() is None
    assert log_heads.tell_head(day=date(2026, 11, 1)) == ["store"]
    assert log_heads.tell_head(day=date(2026, 11, 1)) == []
    audit.record(actor=artist, action="test.done", target=artist)
    assert log_heads.tell_head(day=date(2026, 11, 2)) == ["store"]

    kept = bucket.list_objects_v2(Bucket="evidence")["Contents"]
    name = "greenroom/2026-11-02.json"
    assert [one["Key"] for one in kept] == ["greenroom/2026-11-01.json", name]
    lock = bucket.head_object(Bucket="evidence", Key=name)
    assert lock["ObjectLockMode"] == "COMPLIANCE"
    until = lock["ObjectLockRetainUntilDate"]
    assert timedelta(days=29) < until - timezone.now() < timedelta(days=31)
    assert verify()[0] == "2 stored heads stand in the chain."
    assert log_heads.compare_newest() is None

    # Whoever cuts the log off and writes its head anew in the bucket adds a version beside it.
    bucket.put_object(Bucket="evidence", Key=name, Body=b"{}")
    versions = bucket.list_object_versions(Bucket="evidence", Prefix=name)["Versions"]
    assert len(versions) == 2
    first = next(version for version in versions if not version["IsLatest"])
    with pytest.raises(bucket.exceptions.ClientError, match="AccessDenied"):
        bucket.delete_object(Bucket="evidence", Key=name, VersionId=first["VersionId"])
    newest = next(version for version in versions if version["IsLatest"])
    bucket.delete_object(Bucket="evidence", Key=name, VersionId=newest["VersionId"])

    last = AuditSeal.objects.latest("seq").seq
    with falsified("DELETE FROM portal_auditseal WHERE seq >= %s", last):
        missing = log_heads.compare_newest()
        assert missing is not None
        assert (missing.name, missing.seal) == ("2026-11-02.json", last)
        assert log_heads.compare_newest() == missing
        notices = admin.notifications.filter(kind="log.broken")
        assert [notice.title for notice in notices] == [
            "The log does not fit its head of 2026-11-02.json"
        ]
        assert second_admin.notifications.filter(kind="log.broken").count() == 1


@pytest.mark.parametrize("place", ["evidence", "s3://", "https://evidence"])
def test_a_place_that_is_no_bucket_is_said(place: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="GREENROOM_LOG_HEADS_BUCKET"):
        stores.log_heads(place, folder="", endpoint="", lock_days=0)
