"""Runs moto's S3 with a bucket that is full from the start: sent one by one, 100,000 objects would take minutes.

python -m benchmarks.filled_s3 BUCKET OBJECTS PORT
"""

from __future__ import annotations

import sys

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import main

if __name__ == "__main__":
    bucket, objects, port = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(bucket, "us-east-1")
    for number in range(objects):
        backend.put_object(bucket, f"drop/{number:07}.csv", b"")
    main(["-H", "127.0.0.1", "-p", port])
