import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from qiki.bus.broker_configuration import BrokerConfiguration, store_limit
from qiki.bus.server_lookup import find_server
from qiki.errors import SettingError

LEAST = {
    "port": 0,
    "monitoring_port": 0,
    "max_payload_bytes": 1 << 20,
    "sync_always": False,
    "comment": (),
}


@pytest.mark.parametrize(
    "more", [{}, {"sync_always": True, "max_file_store_bytes": 10**10, "comment": ("a }", "b {")}]
)
@pytest.mark.parametrize("name", ["store", 'a "b" \\ c', "Jürgen", "$HOME", "# no comment"])
def test_the_server_accepts_it(tmp_path, more, name):
    settings = LEAST | {"ports_dir": tmp_path / name, "log_file": tmp_path / name / "log"} | more
    file = tmp_path / "conf"
    file.write_text(BrokerConfiguration(store_dir=tmp_path / name, **settings).text())
    subprocess.run([find_server(), "-t", "-c", file], check=True, capture_output=True)


@pytest.fixture
def measured(monkeypatch):
    """Let each partition have 100 GB, of which 3 GB are free; give the folders that were asked."""
    folders = []

    def disk_usage(folder):
        folders.append(folder)
        return SimpleNamespace(total=100 * 10**9, free=3 * 10**9)

    monkeypatch.setattr("qiki.bus.broker_configuration.shutil.disk_usage", disk_usage)
    return folders


def test_limit_is_a_share_of_what_is_free_where_the_folder_will_be(tmp_path, measured):
    limit = store_limit(tmp_path / "not" / "there", 80)
    assert measured == [tmp_path]
    assert (limit.free_bytes, limit.held_bytes) == (3 * 10**9, 0)
    assert limit.max_bytes == 2_400_000_000


def test_what_the_store_holds_is_the_brokers_to_fill(tmp_path, measured):
    stored = tmp_path / "jetstream" / "account" / "streams" / "1.blk"
    stored.parent.mkdir(parents=True)
    for file in (stored, tmp_path / "log"):  # nats-server does not count its log
        with file.open("wb") as writer:
            writer.write(bytes(1 << 20))
            os.fsync(writer.fileno())  # only then does it surely have its place on the disk
    limit = store_limit(tmp_path, 80)
    assert 1 << 20 <= limit.held_bytes < 2 << 20
    assert limit.max_bytes == (3 * 10**9 + limit.held_bytes) * 80 // 100


def test_links_are_followed_to_the_partition_behind_them(tmp_path, measured):
    (tmp_path / "link").symlink_to("/dev/shm/not/there")
    store_limit(tmp_path / "link", 10)
    assert measured == [Path("/dev/shm")]


def test_folder_that_cannot_be_looked_at_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"broker's folder is .*must be one whose partition"):
        store_limit(tmp_path / ("x" * 300), 80)
