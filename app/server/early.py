"""A script of the dashboard's own in Streamlit's page, before every other."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BEFORE = b"<head>"


class EarlyScript:
    """ASGI middleware that writes a script into pages of HTML, which it has sent uncompressed: they are small."""

    def __init__(self, app: ASGIApp, script: str) -> None:
        self._app, self._script = app, f"<script>{script}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else {}
        if scope.get("method") != "GET" or "text/html" not in headers.get("accept", ""):
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": plain}, receive, self._writing(send))

    def _writing(self, send: Send) -> Send:
        start: Message | None = None
        body = b""

        async def sending(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is None or message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                whole = body.replace(_BEFORE, _BEFORE + self._script, 1)
                headers = MutableHeaders(scope=start)
                headers["Content-Length"] = str(len(whole))
                del headers["ETag"]
                await send(start)
                await send({"type": "http.response.body", "body": whole})

        return sending


def _is_page(start: Message) -> bool:
    headers = Headers(scope=start)
    return start["status"] == 200 and headers.get("Content-Type", "").startswith("text/html")
