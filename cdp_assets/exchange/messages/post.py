"""Posts JSON to an address, once; a redirect is refused, since it would take the message elsewhere."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cdp_assets.errors import DeliveryError, DeliveryUnreachableError

BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the answer stays what it is, a refusal."""


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> None:
    """Return when the address has answered with success.

    Raises DeliveryUnreachableError where another try may help, DeliveryError where it would not; both name the
    host only, because a path may be a secret.
    """
    host = urllib.parse.urlsplit(url).hostname or "the address"
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})  # noqa: S310 - a model or a secret of the tenant's says http or https
    try:
        if not url.startswith(("http://", "https://")):
            raise DeliveryError(f"{host}: not a web address. Expected one that begins with https://.")
        with urllib.request.build_opener(_NoRedirects).open(asked, timeout=timeout_s):
            return
    except urllib.error.HTTPError as error:
        error.close()
        is_busy = error.code in BUSY or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
        kind = DeliveryUnreachableError if is_busy else DeliveryError
        raise kind(f"{host}: answers {error.code}. Expected 200.") from None
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryUnreachableError(f"{host}: does not answer ({type(error).__name__}). Expected 200.") from None
