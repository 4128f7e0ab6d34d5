"""Asks a Spark server whether it answers, with a bound; the stock client retries a wrong token for minutes."""

from __future__ import annotations

import contextlib
import uuid

import grpc
from pyspark.sql.connect.proto import base_pb2, base_pb2_grpc

from cdp_assets.errors import EngineError, EngineUnreachableError
from cdp_assets.lakehouse.address import USER, Address

REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
BOUND_S = 8.0
RELEASE_S = 1.0


def check(address: Address, bound_s: float = BOUND_S) -> None:
    """Return when the server answers and takes the token.

    Raises EngineError for a wrong token, EngineUnreachableError for no answer within `bound_s`. The question is
    to release a session that never was: it leaves nothing on the server.
    """
    try:
        _release(address, str(uuid.uuid4()), bound_s)
    except grpc.RpcError as error:
        if error.code() in REFUSED:
            raise EngineError(
                "Spark refuses the token. Expected the one in spark/token of the home that the server was "
                "started for; stop the other server, or name its home by CDP_HOME."
            ) from None
        raise EngineUnreachableError(
            f"Spark does not answer on port {address.port} ({error.code().name}). Expected `cdp up` to run."
        ) from None


def answers(address: Address, bound_s: float = BOUND_S) -> bool:
    """Say whether the server answers and takes the token."""
    try:
        check(address, bound_s)
    except EngineError:
        return False
    return True


def release(address: Address, session_id: str) -> None:
    """Let the server forget a session, when it is there to be asked."""
    with contextlib.suppress(grpc.RpcError):
        _release(address, session_id, RELEASE_S)


def _release(address: Address, session_id: str, bound_s: float) -> None:
    request = base_pb2.ReleaseSessionRequest(session_id=session_id, user_context=base_pb2.UserContext(user_id=USER))
    with grpc.insecure_channel(f"127.0.0.1:{address.port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        ask = base_pb2_grpc.SparkConnectServiceStub(channel).ReleaseSession
        ask(request, timeout=bound_s, metadata=[("authorization", f"Bearer {address.token}")])
