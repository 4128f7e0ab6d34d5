"""The object stores' servers: started once, for the first test of the suites that needs each."""

from __future__ import annotations

from tests.object_stores import azure_server, gcs_server, s3_server

__all__ = ["azure_server", "gcs_server", "s3_server"]
