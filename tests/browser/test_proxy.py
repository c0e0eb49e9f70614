"""The configuration for nginx that the documentation shows, with a certificate of its own, through a real browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.home import ROOT
from engine.study.document import dump_study
from engine.study.templates import template
from tests.browser.driving import chromium_arguments, free_port, serve
from tests.waiting import until

HOST = "darkroom.example.org"
TOKEN = "a token of some length"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
pytestmark = [pytest.mark.browser,
              pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="needs nginx and openssl")]


def _configuration(folder: Path, port: int, behind: str) -> str:
    """The documented one, moved to this port and folder."""
    block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "remote.md").read_text(), re.DOTALL)
    assert block
    moved = {"listen 443 ssl": f"listen 127.0.0.1:{port} ssl", "/etc/ssl": str(folder), "/var/log/nginx": str(folder),
             "http://127.0.0.1:8501": behind}
    shown = block[1]
    for documented, here in moved.items():
        assert documented in shown
        shown = shown.replace(documented, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""  # else the workers could not write into the folder
    return f"""{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{ }}
http {{ {folders}
{shown} }}"""


@pytest.fixture
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of nginx."""
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture
def proxied(home: Path, logs: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page of a browser that finds the host at nginx."""
    monkeypatch.setenv("DARKROOM_HOSTS", HOST)
    monkeypatch.setenv("DARKROOM_TOKEN", TOKEN)
    folder, port = logs, free_port()
    certificate = ["-subj", f"/CN={HOST}", "-keyout", folder / "darkroom.key", "-out", folder / "darkroom.pem"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *certificate], check=True,
                   capture_output=True)
    options = chromium_arguments()
    options["args"].append(f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{port}")
    with serve(home) as address:
        (folder / "nginx.conf").write_text(_configuration(folder, port, address))
        nginx = subprocess.Popen([str(NGINX), "-c", folder / "nginx.conf", "-e", folder / "error.log"])
        opened = browser.browser_type.launch(**options)
        try:
            until((folder / "pid").exists)
            yield opened.new_page(ignore_https_errors=True, accept_downloads=True)
        finally:
            opened.close()
            nginx.terminate()
            nginx.wait(10)


def test_everything_works_through_nginx_with_tls(proxied: Page, logs: Path, tmp_path: Path) -> None:
    page = proxied
    answer = page.goto(f"https://{HOST}/study")
    assert answer and answer.status == 401
    page.goto(f"https://{HOST}/study?token={TOKEN}")
    assert page.url == f"https://{HOST}/study"
    cookie, = (cookie for cookie in page.context.cookies() if cookie["name"].startswith("darkroom-"))
    assert cookie["secure"] and cookie["httpOnly"]
    assert page.evaluate("fetch('/darkroom/changes').then(answer => answer.text())").isdigit()

    page.get_by_text("From a YAML file").click(timeout=60_000)  # the WebSocket has drawn it
    study = dump_study(template("augmentation-architecture", scaled=True)).encode()
    _open_study(page, "long.yaml", study + b"#\n" * 1_000_000)  # beyond what nginx allows by itself
    expect(page.locator(".stAlert")).to_contain_text("longer than")
    _open_study(page, "study.yaml", study)
    page.locator(".st-key-icon_study_manage button").first.click()
    with page.expect_download() as download:
        page.locator(".st-key-study_yaml_file button").click()
    download.value.save_as(tmp_path / "study.yaml")
    assert "augmentation" in (tmp_path / "study.yaml").read_text()
    expect(page.locator(".stException")).to_have_count(0)
    assert '"GET /study" 303' in (logs / "darkroom.log").read_text()
    of_token = re.compile(rb"some(%20|[ +])length")
    assert not [file for file in logs.rglob("*") if file.is_file() and of_token.search(file.read_bytes())]


def _open_study(page: Page, name: str, content: bytes) -> None:
    upload = {"name": name, "mimeType": "application/yaml", "buffer": content}
    page.locator(".st-key-study_file input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
    expect(page.locator(".st-key-study_file")).to_contain_text(name)
    expect(page.locator(".st-key-study_file [role=progressbar]")).to_have_count(0)  # it has arrived
    page.locator(".st-key-study_file_open button").click()


def test_a_visitor_cannot_name_another_address_to_go_on_guessing(proxied: Page) -> None:
    proxied.goto(f"https://{HOST}/")
    guess = """number => fetch("/", {method: "POST", headers: {"X-Forwarded-For": `10.0.0.${number}`},
        body: new URLSearchParams({token: `guess ${number}`})}).then(answer => answer.status)"""
    statuses = [proxied.evaluate(guess, number) for number in range(8)]
    assert statuses[:3] == [401] * 3 and statuses[-1] == 429
