"""Settings: what the guide says of them is what there is."""

from pathlib import Path

import pytest

from api.settings import Settings, read_settings
from gis.errors import InputError

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "deploy.md"


def rows() -> list[str]:
    """Return the table of settings as the guide should have it."""
    told = []
    for name, field in Settings.model_fields.items():
        default = (
            ""
            if field.default is None
            else f"`{str(field.default).lower() if field.default in (True, False) else field.default}`"
        )
        told.append(f"| `WANGGE_{name.upper()}` | {default} | {field.description} |")
    return told


def test_the_guide_lists_all_settings() -> None:
    table = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("| `WANGGE_")]
    assert table == rows()


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_QUEUE_LENGTH", "3")
    assert Settings().queue_length == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUEUE_LENGTH", "none"),
        ("LOG_LEVEL", "loud"),
        ("TEXT_DAYS", "1000000"),
        ("CONTACT_DAYS", "1000000"),
        ("JOB_MEMORY_MB", "10000000000000"),
    ],
)
def test_what_cannot_be_meant_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"WANGGE_{name}", value)
    with pytest.raises(InputError, match=f"WANGGE_{name}"):
        read_settings()
