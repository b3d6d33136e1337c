"""One receiver for all tests of this folder, since starting its engine takes longer than most of them."""

import pytest

from ingestion.feed_spec import all_feeds
from ingestion.receive import Outcome, Receiver


@pytest.fixture(scope="session")
def _receiver(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_HOME", str(tmp_path_factory.mktemp("home")))
        with Receiver(all_feeds()) as receiver:
            yield receiver


class Desk:
    """A home of its own, a place to put files, and the receiver."""

    def __init__(self, directory, receiver):
        self.home, self.files, self._receiver = directory / "home", directory / "files", receiver
        self.files.mkdir()

    def receive(self, name: str, content: bytes) -> Outcome:
        """Receive bytes under a name."""
        file = self.files / name
        file.write_bytes(content)
        (outcome,) = self._receiver.receive([file])
        return outcome

    def landed(self) -> list:
        """Return the folders of landed batches."""
        return sorted(path for path in (self.home / "landing").glob("*/*/*"))

    def leftovers(self) -> list:
        """Return what is left of batches that did not land."""
        return list((self.home / "receiving").glob("batch-*"))


@pytest.fixture
def desk(tmp_path, monkeypatch, _receiver) -> Desk:
    """Return a desk with an empty home."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    return Desk(tmp_path, _receiver)
