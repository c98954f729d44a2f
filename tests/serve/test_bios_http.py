"""The BIOS over HTTP."""

import asyncio
import urllib.error
import urllib.request

import pytest

from qiki.errors import ListenError, SettingError
from qiki.serve.bios import Bios
from qiki.serve.bios_http import serve_bios_http
from qiki.settings import BiosSettings, VehicleSettings
from qiki.vehicle import VehicleConfig
from qiki.wire.generated.bios_status_pb2 import BiosStatusReport
from tests.serve.qiki_command import one_line_error, run
from tests.serve.running_bios import (
    FAST,
    OK,
    SCENARIO,
    Simulator,
    ask,
    bios_running,
    listening,
    states,
    until,
    with_port,
    world_running,
)


def protobuf(url):
    request = urllib.request.Request(url, headers={"Accept": "application/protobuf"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "application/protobuf"
        return BiosStatusReport.FromString(answer.read())


async def test_http(client, settings):
    async with (
        listening(Simulator()) as port,
        world_running(client),
        bios_running(client, with_port(settings, port)) as (bios, url),
    ):
        await until(bios, lambda report: report.all_systems_go)
        assert (await ask(f"{url}/healthz"))[1]["status"] == "ok"
        code, report = await ask(f"{url}/bios/status")
        assert (code, report["all_systems_go"], report["health_score"]) == (200, True, 1.0)
        message = await asyncio.to_thread(protobuf, f"{url}/bios/status")
        assert [it.device_id.value for it in message.post_results] == [
            row["device_id"] for row in report["post_results"]
        ]
        for row in report["post_results"][:3]:
            for name in (row["device_id"], row["device_name"]):
                code, found = await ask(f"{url}/bios/component/{name}")
                assert (code, found["device_id"], found["status"]) == (200, row["device_id"], OK)
        code, error = await ask(f"{url}/bios/component/load.%20none")
        assert (code, error["error"]) == (
            404,
            "device 'load. none' is not there; /bios/status has all",
        )
        for method, path, expected in (
            ("GET", "/nowhere", 404),
            ("GET", "/bios/reload", 405),
            ("POST", "/bios/status", 405),
            ("PUT", "/bios/status", 501),
        ):
            code, error = await ask(f"{url}{path}", method)
            assert code == expected
            assert error["error"]


async def test_a_bios_that_tests_no_more_is_not_healthy(client, settings, monkeypatch):
    bios = Bios(client, with_port(settings, 1), SCENARIO)
    await bios.start()
    async with serve_bios_http(FAST, bios) as url:
        assert (await ask(f"{url}/healthz"))[0] == 200
        monkeypatch.setattr(Bios, "age_s", bios.stale_after_s + 1)
        code, said = await ask(f"{url}/healthz")
        assert (code, said["status"]) == (503, "stale")


async def test_reload_takes_a_new_file_and_refuses_a_bad_one(client, settings, tmp_path):
    text = VehicleConfig.built_in_text("default")
    path = tmp_path / "bot.yaml"
    path.write_text(text)
    settings = with_port(settings, 1, vehicle=VehicleSettings(config=str(path)))
    async with bios_running(client, settings) as (bios, url):
        before = (await ask(f"{url}/bios/status"))[1]
        assert "load.nbl" in states(bios.newest)
        path.write_text(
            text.replace("name: nbl", "name: heater")
            .replace("[nbl]", "[heater]")
            .replace("source: nbl", "source: heater")
        )
        code, after = await ask(f"{url}/bios/reload", "POST", body=b"x" * 100_000)
        assert (code, after["reloaded"]) == (200, True)
        assert after["hardware_profile_hash"] != before["hardware_profile_hash"]
        assert after["bios_uuid"] == before["bios_uuid"]
        assert "load.heater" in states(bios.newest)
        path.write_text(text.replace("dry_mass_kg: 300", "dry_mass_kg: -3"))
        code, said = await ask(f"{url}/bios/reload", "POST")
        assert code == 422
        assert "dry_mass_kg" in said["error"]
        path.unlink()
        code, said = await ask(f"{url}/bios/reload", "POST")
        assert code == 422
        assert "cannot be read" in said["error"]
        assert "load.heater" in states(bios.newest)
        assert (await ask(f"{url}/bios/component/load.heater"))[0] == 200


async def test_a_slow_client_holds_up_nobody(client, settings):
    async with bios_running(client, with_port(settings, 1)) as (_, url):
        _, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        writer.write(b"GET /healthz HTTP/1.0\r\n")
        assert (await ask(f"{url}/healthz"))[0] == 200
        writer.close()


async def test_addresses_that_cannot_be_used(client, settings):
    bios = Bios(client, with_port(settings, 1), SCENARIO)
    with pytest.raises(SettingError, match=r"bios\.host is .*, must be a loopback address"):
        async with serve_bios_http(BiosSettings(host="0.0.0.0"), bios):
            pass
    async with serve_bios_http(FAST, bios) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ListenError, match=f"bios.port is {port}, must be free"):
            async with serve_bios_http(BiosSettings(port=port), bios):
                pass


def test_a_taken_port_is_one_line(client, settings, broker):
    port = broker.url.rpartition(":")[2]
    result = run("bios", QIKI_NATS_URL=settings.nats.url, QIKI_BIOS__PORT=port)
    assert result.returncode == 1
    assert f"bios.port is {port}, must be free on 127.0.0.1" in one_line_error(result)
