"""The script that is written into Streamlit's page, and into nothing else."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.server.early import EarlyScript

PAGE = "<html><head><title>it</title></head>" + " " * 2000 + "</html>"
WRITTEN = PAGE.replace("<head>", "<head><script>first()</script>")
BROWSER = {"Accept": "text/html,*/*", "Accept-Encoding": "gzip"}


async def _page(request: Request) -> Response:
    match request.path_params["kind"]:
        case "parts":
            return StreamingResponse(iter([PAGE[:3], PAGE[3:]]), media_type="text/html")
        case "script":
            return Response(PAGE, media_type="text/javascript")
        case "missing":
            return HTMLResponse(PAGE, 404)
    return HTMLResponse(PAGE, headers={"ETag": "old"})


@pytest.fixture
def client() -> TestClient:
    app = Starlette(routes=[Route("/{kind}", _page)], middleware=[
        Middleware(EarlyScript, script="first()"), Middleware(GZipMiddleware)])
    return TestClient(app)


@pytest.mark.parametrize("kind", ["whole", "parts"])
def test_it_stands_before_everything_else_of_a_page(client: TestClient, kind: str) -> None:
    answer = client.get(f"/{kind}", headers=BROWSER)
    assert answer.text == WRITTEN and "etag" not in answer.headers
    assert answer.headers["content-length"] == str(len(WRITTEN))


@pytest.mark.parametrize(("kind", "headers"), [("script", BROWSER), ("missing", BROWSER), ("whole", {"Accept": "*/*"})])
def test_nothing_else_is_changed(client: TestClient, kind: str, headers: dict[str, str]) -> None:
    assert client.get(f"/{kind}", headers=headers).text == PAGE


def test_a_question_for_headers_alone_is_let_through(client: TestClient) -> None:
    assert client.head("/whole", headers=BROWSER).status_code == 200
