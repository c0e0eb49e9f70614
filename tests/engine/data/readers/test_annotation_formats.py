"""Formats of other tools that are not read end as one line that names them and says what to export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.data import load_detection
from engine.errors import ConfigError
from tests.engine.data.box_sources import picture_file

FILES = {
    "LabelMe": {"version": "5.0", "flags": {}, "shapes": [{"label": "cat", "points": [[1, 1], [3, 3]],
                "shape_type": "rectangle"}], "imagePath": "a.png", "imageData": None},
    "VIA": {"_via_settings": {}, "_via_img_metadata": {}, "_via_attributes": {}},
    "VIA's JSON": {"a.png123": {"filename": "a.png", "size": 123, "regions": [], "file_attributes": {}}},
    "VoTT": {"asset": {"name": "a.png"}, "regions": [], "version": "2.2.0"},
    "Darwin": {"version": "2.0", "item": {"name": "a.png"}, "annotations": []},
    "Supervisely": {"description": "", "tags": [], "size": {"height": 30, "width": 40}, "objects": []},
    "Label Studio": [{"id": 1, "data": {"image": "/data/upload/a.png"}, "annotations": [{"result": []}]}],
    "Dataloop": {"filename": "/a.png", "annotations": [], "metadata": {}},
    "CreateML": [{"image": "a.png", "annotations": [{"label": "cat", "coordinates": {}}]}],
    "COCO's results": [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.9}],
}


@pytest.mark.parametrize("name", FILES)
def test_another_format_is_named(home: Path, name: str) -> None:
    picture_file(home / "set" / "a.png")
    (home / "set" / "a.json").write_text(json.dumps(FILES[name]))
    with pytest.raises(ConfigError, match=rf"a\.json is {name}.*, which is not read: \w") as caught:
        load_detection("coco", str(home / "set"))
    assert "\n" not in str(caught.value)
