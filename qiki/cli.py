"""The ``qiki`` command. Sub-commands are imported when they are run, so that help is instant.

Exit codes: 0 done, 1 failed (`QikiError`; trying again may help), 2 wrong usage, 78 a setting, the
scenario or what is stored does not allow to go on (trying again does not help), 128 + number ended
by a signal (130: Ctrl-C).
"""

import importlib
import sys
from collections.abc import Sequence
from typing import cast

import click

from qiki.errors import DocumentError, QikiError, RecoveryError, SettingError

EXIT_FAILED = 1
EXIT_SETTING = 78  # EX_CONFIG of sysexits.h
EXIT_INTERRUPTED = 130
ERROR_PREFIX = "qiki: "
CORE = "qiki._core"

# name: (module with `command`, line in the help); sorted by name.
COMMANDS = {
    "agent": ("qiki.commands.agent", "Run agents on the vehicle of a running simulator."),
    "bios": ("qiki.commands.bios", "Test the devices, tell it over HTTP and as events."),
    "bridge": ("qiki.commands.bridge", "Turn frames into tracks."),
    "command": ("qiki.commands.command", "Ask the running simulator for something."),
    "config": ("qiki.commands.config", "Show the settings and where they come from."),
    "curve": ("qiki.commands.curve", "Show how well a radar detects."),
    "doctor": ("qiki.commands.doctor", "Check whether this machine can run QIKI."),
    "evaluate": ("qiki.commands.evaluate", "Score the tracker on a recording or a scenario."),
    "events": ("qiki.commands.events", "Show what the registrar has stored."),
    "guard": ("qiki.commands.guard", "Publish the alerts of tracks as events."),
    "intent": ("qiki.commands.intent", "Tell the running agent what you want."),
    "js": ("qiki.commands.js", "Create or check the streams, configure a broker."),
    "registrar": ("qiki.commands.registrar", "Store events, commands and tracks in a database."),
    "replay": ("qiki.commands.replay", "Send a recording through JetStream and the tracker."),
    "scenario": ("qiki.commands.scenario", "Check, draw and show scenario files."),
    "sim": ("qiki.commands.sim", "Run the world and its radars."),
    "status": ("qiki.commands.status", "Show each service's health, rates and lag."),
    "up": ("qiki.commands.up", "Run everything, from radar to tracks."),
    "vehicle": ("qiki.commands.vehicle", "Check and show vehicle files."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports only the one that runs."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names, in the order of the help."""
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        return cast("click.Command", module.command)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qiki", message="%(prog)s %(version)s")
def qiki() -> None:
    """QIKI: a digital twin of a vehicle and its radars.

    `qiki up` runs the whole system on this machine; `qiki COMMAND --help` says more.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Parameters
    ----------
    arguments : the words after ``qiki``; ``sys.argv`` where None.
    """
    try:
        code = qiki.main(args=arguments, prog_name="qiki", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except ImportError as error:
        if error.name != CORE:
            raise
        print(ERROR_PREFIX + _misfit_line(error), file=sys.stderr)
        return EXIT_SETTING
    except QikiError as error:
        for line in _error_lines(error):
            print(ERROR_PREFIX + line, file=sys.stderr)
        wrong = isinstance(error, SettingError | DocumentError | RecoveryError)
        return EXIT_SETTING if wrong else EXIT_FAILED
    return code if isinstance(code, int) else 0


def _error_lines(error: QikiError) -> list[str]:
    """One line with its notes; for a document one for each thing that is wrong with it."""
    if isinstance(error, DocumentError):
        return str(error).splitlines()
    notes = getattr(error, "__notes__", [])
    return [" ".join(" ".join([str(error), *notes]).split())]


def _misfit_line(error: ImportError) -> str:
    return (
        f"the compiled core does not fit the Python code ({error.msg}): in a clone run "
        "`make install`, else install qiki anew"
    )
