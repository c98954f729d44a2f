"""A vehicle that does not fly straight, and whose transponder is not always the same."""

from itertools import cycle

from qiki.bus.command_request import new_command, request

# There and back again, so that an hour of it does not leave the scene.
AXES = ("forward", "aft", "port", "starboard", "up", "down")
MODES = ("SPOOF", "SILENT", "OFF", "ON")
PUSH = {"pct": 10, "duration_s": 0.5}  # half of the propellant in an hour


class Flight:
    """Commands a push and another mode of the transponder once in each simulated minute.

    Parameters
    ----------
    client : an open connection.
    settings : of the running system.

    Attributes
    ----------
    commands : how many were carried out.
    """

    def __init__(self, client, settings):
        self.commands = 0
        self._client = client
        self._settings = settings
        self._minutes = 0
        self._pushes, self._modes = cycle(AXES), cycle(MODES)

    async def go_on(self, simulated_s):
        """Command what is due by then; of minutes that went by together one."""
        if simulated_s < 60.0 * self._minutes:
            return
        self._minutes = int(simulated_s // 60) + 1
        await self._command("sim.rcs.fire", axis=next(self._pushes), **PUSH)
        await self._command("sim.xpdr.mode", mode=next(self._modes))

    async def _command(self, name, **parameters):
        command = new_command(name, parameters, source="tests/endurance")
        answer = await request(self._client, self._settings, command)
        assert answer.refusal is None, (name, parameters, answer.refusal)
        self.commands += 1
