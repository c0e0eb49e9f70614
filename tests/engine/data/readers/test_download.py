"""Downloads, against a server of our own."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.catalog.datasets import DATASETS
from engine.data import load_dataset
from engine.data.readers import download, idx, tiny_imagenet
from engine.data.readers.cifar import CIFAR10
from engine.errors import UserError
from tests.engine.data import sources


class Server(http.server.ThreadingHTTPServer):
    """Serves ``files``; the first ``break_off`` answers end half-way, ``refuse`` ones say 503."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.break_off = self.refuse = 0
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.strip("/")
        self.server.asked.append(name)
        content = self.server.files.get(name)
        if content is None or self.server.refuse:
            self.server.refuse = max(0, self.server.refuse - 1)
            self.send_error(404 if content is None else 503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.server.break_off:
            self.server.break_off -= 1
            content = content[: len(content) // 2]
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(idx, "DEBIAN", home / "nowhere")
    monkeypatch.setenv("no_proxy", "*")
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def fashion(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    from torchvision.datasets import FashionMNIST

    server.files = {path.name: path.read_bytes() for path in sources.fashion(home / "origin").values()}
    monkeypatch.setattr(FashionMNIST, "mirrors", [server.url])
    monkeypatch.setattr(FashionMNIST, "resources", [(name, md5(content)) for name, content in server.files.items()])
    return server


@pytest.fixture
def cifar(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    import torchvision.datasets

    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(sources.cifar(home / "origin", CIFAR10), CIFAR10.folder)
    server.files = {"cifar-10-python.tar.gz": archive.getvalue()}
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", f"{server.url}cifar-10-python.tar.gz")
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "tgz_md5", md5(archive.getvalue()))
    return server


@pytest.fixture
def tiny(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    folder, archive = sources.tiny_imagenet(home / "origin"), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for file in folder.rglob("*"):
            packed.write(file, file.relative_to(home / "origin"))
    server.files = {"tiny-imagenet-200.zip": archive.getvalue()}
    monkeypatch.setattr(tiny_imagenet, "ARCHIVE", (f"{server.url}tiny-imagenet-200.zip", md5(archive.getvalue())))
    return server


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def test_fashion_mnist_is_fetched_once(fashion: Server, home: Path) -> None:
    seen: dict[str, tuple[int, int]] = {}
    dataset = load_dataset("FashionMNIST", download=True, progress=lambda *now: seen.update({now[0]: now[1:]}))
    assert len(dataset.train_images) == 40
    assert seen == {name: (len(content), len(content)) for name, content in fashion.files.items()}
    load_dataset("FashionMNIST", download=True)
    assert len(fashion.asked) == 4
    assert sorted(path.name for path in (home / "data/FashionMNIST/raw").iterdir()) == sorted(fashion.files)


def test_cifar_is_fetched_into_the_named_folder(cifar: Server, home: Path) -> None:
    dataset = load_dataset("CIFAR10", str(home / "mine"), download=True, progress=lambda *_: None)
    assert len(dataset.train_images) == 100
    assert {path.name for path in (home / "mine" / CIFAR10.folder).iterdir()} == set(CIFAR10.files)


def test_tiny_imagenet_is_fetched_and_unpacked(tiny: Server, home: Path) -> None:
    dataset = load_dataset("TinyImagenet", download=True, progress=lambda *_: None)
    assert len(dataset.train_images) == 20
    assert {path.name for path in (home / "data/tiny-imagenet-200").iterdir()} == {"train", "val", "words.txt"}


def test_a_zip_that_is_none_leaves_nothing(tiny: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.files = {"tiny-imagenet-200.zip": b"no archive"}
    monkeypatch.setattr(tiny_imagenet, "ARCHIVE", (f"{tiny.url}tiny-imagenet-200.zip", md5(b"no archive")))
    with pytest.raises(UserError, match="TinyImagenet could not be downloaded"):
        load_dataset("TinyImagenet", download=True, progress=lambda *_: None)
    assert not (home / "data/tiny-imagenet-200").exists()


def test_svhn_is_fetched(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import SVHN

    server.files = {path.name: path.read_bytes() for path in sources.svhn(home / "origin").iterdir()}
    monkeypatch.setattr(SVHN, "split_list", {
        split: [f"{server.url}{split}_32x32.mat", f"{split}_32x32.mat", md5(server.files[f"{split}_32x32.mat"])]
        for split in ("train", "test")})
    assert len(load_dataset("SVHN", download=True, progress=lambda *_: None).train_images) == 40
    assert {path.name for path in (home / "data/SVHN").iterdir()} == set(server.files)


def test_an_answer_that_breaks_off_is_asked_for_again(fashion: Server) -> None:
    fashion.break_off, fashion.refuse = 1, 1
    assert len(load_dataset("FashionMNIST", download=True).train_images) == 40
    assert len(fashion.asked) == 6


def test_bars_are_drawn_on_stderr_only(fashion: Server, capfd: pytest.CaptureFixture[str]) -> None:
    load_dataset("FashionMNIST", download=True)
    out, err = capfd.readouterr()
    assert out == "" and "train-images-idx3-ubyte.gz" in err


@pytest.mark.parametrize("name", ["FashionMNIST", "CIFAR10"])
def test_a_server_that_always_breaks_off_leaves_nothing(request: pytest.FixtureRequest, home: Path, name: str) -> None:
    broken: Server = request.getfixturevalue("fashion" if name == "FashionMNIST" else "cifar")
    broken.break_off = 1000
    with pytest.raises(UserError, match=r"the connection ended after [\d,]+ of [\d,]+ bytes") as caught:
        load_dataset(name, download=True, progress=lambda *_: None)
    assert DATASETS[name].missing in str(caught.value) and "\n" not in str(caught.value)
    assert len(broken.asked) == download.ATTEMPTS
    assert [path for path in (home / "data").rglob("*") if path.is_file() and not path.name.endswith(".lock")] == []


def test_something_else_than_expected_is_refused(fashion: Server, home: Path) -> None:
    fashion.files = dict.fromkeys(fashion.files, b"<html>please log in</html>")
    with pytest.raises(UserError, match=r"has the MD5 checksum .*, expected"):
        load_dataset("FashionMNIST", download=True, progress=lambda *_: None)
    assert not (home / "data/FashionMNIST/raw").exists()


def test_no_server_is_one_sentence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import torchvision.datasets

    monkeypatch.setattr(torchvision.datasets.CIFAR100, "url", "http://127.0.0.1:9/cifar.tar.gz")
    with pytest.raises(UserError, match="CIFAR100 could not be downloaded") as caught:
        load_dataset("CIFAR100", download=True, progress=lambda *_: None)
    assert "\n" not in str(caught.value)


def test_other_files_in_the_way_are_not_touched(fashion: Server, home: Path) -> None:
    theirs = home / "data/FashionMNIST/raw/notes.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    with pytest.raises(UserError, match="other files"):
        load_dataset("FashionMNIST", download=True)
    assert theirs.read_text() == "mine"
