"""The phrase that is being typed, in its file."""

from pathlib import Path

import pytest

from smstob.desktop import phrase_draft
from smstob.desktop.phrase_draft import PhraseDraft


def test_kept_and_gone(tmp_path: Path) -> None:
    """It is there again, whatever is typed, until it is taken away."""
    place = tmp_path / "new"
    assert phrase_draft.read(place) is None
    phrase_draft.write(place, None)
    drafts = (PhraseDraft(None, "", "a\nb"), PhraseDraft(3, "Retard", "à \U0001f600"), PhraseDraft(3, "x" * 9999, ""))
    for draft in drafts:
        phrase_draft.write(place, draft)
        assert phrase_draft.read(place) == draft
    phrase_draft.write(place, PhraseDraft(1, "a\0", "b\ud800"))
    assert phrase_draft.read(place) == PhraseDraft(1, "a", "b")
    phrase_draft.write(place, None)
    assert phrase_draft.read(place) is None


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"null", b'{"id": 1}', b'{"id": true, "name": "a", "text": "b"}',
    b'{"id": 1, "name": 2, "text": "b"}', b"\xff\xfe", b"[" * 100_000, b'{"id": "1", "name": "", "text": ""}',
])  # fmt: skip
def test_broken(tmp_path: Path, content: bytes) -> None:
    """What makes no sense is nothing."""
    (tmp_path / phrase_draft.FILE).write_bytes(content)
    assert phrase_draft.read(tmp_path) is None
