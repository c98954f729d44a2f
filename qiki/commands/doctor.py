"""``qiki doctor``."""

import asyncio
import json
import sys

import click

from qiki import logs
from qiki.commands.options import config_option, json_option, load_settings, setting_option
from qiki.commands.text_table import text_table
from qiki.doctor.finding import Finding, Level
from qiki.doctor.installation import (
    look_at_nats_server,
    look_at_python,
    look_at_simd,
    look_at_wheel,
)
from qiki.doctor.machine import (
    look_at_clock,
    look_at_data_dir,
    look_at_disk,
    look_at_loopback,
    look_at_open_files,
)
from qiki.doctor.network import look_at_bios_port, look_at_broker, look_at_grpc_port
from qiki.settings import Settings

LOOKS = (
    look_at_python,
    look_at_wheel,
    look_at_simd,
    look_at_nats_server,
    look_at_loopback,
    look_at_grpc_port,
    look_at_bios_port,
    look_at_data_dir,
    look_at_disk,
    look_at_clock,
    look_at_open_files,
)


@click.command()
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker to look at.")
@json_option
def command(config: str | None, *, as_json: bool, **flags: object) -> None:
    """Check whether this machine can run QIKI; nothing is changed.

    Exit code 1 when something fails; what is only warned of does not stop anything.
    """
    settings = load_settings(config, flags).settings
    logs.configure(settings.log)
    findings = _look(settings)
    failed = any(finding.level is Level.FAIL for finding in findings)
    click.echo(_document(findings, healthy=not failed) if as_json else _text(findings))
    if failed:
        sys.exit(1)


def _look(settings: Settings) -> list[Finding]:
    return [*(look(settings) for look in LOOKS), asyncio.run(look_at_broker(settings))]


def _document(findings: list[Finding], *, healthy: bool) -> str:
    rows = [finding._asdict() | {"level": finding.level.value} for finding in findings]
    return json.dumps({"healthy": healthy, "checks": rows})


def _text(findings: list[Finding]) -> str:
    rows = []
    for finding in findings:
        rows.append((finding.level.name, finding.name, " ".join(finding.found.split())))
        if finding.remedy:
            rows.append(("", "", f"-> {finding.remedy}"))
    return text_table(("", "check", "found"), rows)
