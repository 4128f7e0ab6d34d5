"""Turns our errors into what Dagster shows and retries, without a customer's value in either."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections.abc import Iterator

import dagster as dg

from cdp_assets.errors import CdpError, Transient

logger = logging.getLogger(__name__)

MAX_RETRIES = 4
WAIT_S = 6.0
"""Four tries, six seconds apart, outlast the 20 s in which a killed Spark server is back."""


@contextlib.contextmanager
def errors_as_dagster(step: str) -> Iterator[None]:
    """Raise RetryRequested for a Transient error and Failure for any other.

    Dagster stores the text of whatever a step raises. Our own errors never hold values; of a foreign one
    only its type and the lines of code are kept, because its text may quote a row.
    """
    try:
        yield
    except (dg.RetryRequested, dg.Failure):
        raise
    except CdpError as error:
        if isinstance(error, Transient):
            logger.warning("%s: %s Trying again in %.0f s.", step, error, WAIT_S)
            raise dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=WAIT_S) from None
        raise dg.Failure(description=f"{step}: {error}", allow_retries=False) from None
    except Exception as error:  # noqa: BLE001 - the border: nothing foreign may reach the event storage
        frames = "".join(traceback.format_tb(error.__traceback__)[-6:])
        text = f"{step}: unexpected {type(error).__name__}; its text is withheld because it may quote a row.\n{frames}"
        raise dg.Failure(description=text, allow_retries=False) from None
