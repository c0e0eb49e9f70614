"""The words that say training, test and validation in the names of folders and files."""

import re
import unicodedata

SPLITS = {word: part for part, words in {
    "train": "train training trn trainval 학습 훈련 训练 訓練",
    "test": "test tests testing tst holdout heldout 시험 테스트 测试 測試",
    "val": "val valid validation dev eval evaluation 검증 验证 驗證"}.items() for word in words.split()}
"""The part that a word means, in lower case."""

_UNLABELLED = dict.fromkeys(("pred", "predict", "prediction", "unlabelled", "unlabeled"), "unlabelled")
_WORDS = SPLITS | _UNLABELLED
_NEUTRAL = frozenset((
    "set", "sets", "image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "data", "dataset",
    "split", "folder", "dir", "list", "lists", "file", "files", "names", "the", "my", "new", "daten", "sdaten", "세트",
    "데이터", "용", "集", "用"))
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|.+")
_TWO = re.compile(f"({'|'.join(_WORDS)})({'|'.join(_NEUTRAL)})|({'|'.join(_NEUTRAL)})({'|'.join(_WORDS)})")


def spelling(name: str) -> str:
    """Return a name as it is compared: macOS and Linux may store one letter with an accent as one sign or as two."""
    return unicodedata.normalize("NFC", name)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words in a name, in lower case: ``Train_Images2`` is ``train images``, ``hold-out`` is ``holdout``."""
    parted: list[str] = []
    for letters in _LETTERS.findall(spelling(name)):
        two = _TWO.fullmatch(letters.lower())
        parted += [letters] if letters.lower() in _WORDS else two.groups("") if two else _WORD.findall(letters)
    return tuple(" ".join(parted).lower().replace("hold out", "holdout").replace("held out", "heldout").split())


def part_of(name: str) -> str:
    """Return ``train``, ``test``, ``val`` or ``unlabelled`` if the name says one of them; else empty."""
    meant = {_WORDS[word] for word in words_of(name) if word in _WORDS}
    return meant.pop() if len(meant) == 1 else ""


def split_from_path(path: str) -> str:
    """Return ``train``, ``val`` or ``test`` if the file or a folder has such a name; else empty."""
    words = [word.rstrip("0123456789") for word in re.split(r"[/_.\s-]", path.lower())]
    return next((SPLITS[word] for word in reversed(words) if word in SPLITS), "")


def besides(name: str) -> frozenset[str]:
    """Return the words in a name that neither mean a part nor nothing: ``seg`` of ``seg_train_images``."""
    return frozenset(words_of(name)) - _WORDS.keys() - _NEUTRAL
