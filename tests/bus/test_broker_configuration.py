import shutil
import subprocess

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


def test_limit_is_a_share_of_the_partition_on_which_the_folder_will_be(tmp_path):
    usage = shutil.disk_usage(tmp_path)
    limit = store_limit(tmp_path / "not" / "there", 80)
    assert limit.partition_bytes == usage.total
    assert limit.max_bytes == usage.total * 80 // 100


def test_links_are_followed_to_the_partition_behind_them(tmp_path):
    (tmp_path / "link").symlink_to("/dev/shm/not/there")
    assert store_limit(tmp_path / "link", 10).partition_bytes == shutil.disk_usage("/dev/shm").total


def test_folder_that_cannot_be_looked_at_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"broker's folder is .*must be one whose partition"):
        store_limit(tmp_path / ("x" * 300), 80)
