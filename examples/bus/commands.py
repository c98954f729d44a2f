"""Drive a running simulator over NATS, and read what became of each command.

    qiki up --scenario examples/bus/berth.yaml
    python examples/bus/commands.py [URL]

It needs nothing but nats-py. docs/control.md has all commands.
"""

import asyncio
import json
import sys
import uuid

import nats
from nats.aio.client import Client

URL = "nats://127.0.0.1:4222"
PATIENCE_S = 30.0
NO_BERTH = (
    "The vehicle does not dock here: it must stand in front of a station's port, as with "
    "`qiki up --scenario examples/bus/berth.yaml`."
)


async def ask(client: Client, name: str, **parameters: object) -> dict[str, object]:
    """Store a command and return its acknowledgement.

    Raises
    ------
    TimeoutError : no simulator answers this command, whatever else it answers.
    """
    message_id = str(uuid.uuid4())
    command = {
        "command_name": name,
        "parameters": parameters,
        "metadata": {"message_id": message_id},
    }
    answers = await client.subscribe("qiki.responses.control")  # before there can be an answer
    try:
        await client.jetstream().publish("qiki.commands.control", json.dumps(command).encode())
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = json.loads((await answers.next_msg(PATIENCE_S)).data)
                if answer["request_id"] == message_id:
                    return answer
    finally:
        await answers.unsubscribe()


async def wait_until_docked(client: Client) -> None:
    """Read telemetry until the vehicle is latched to the station."""
    telemetry = await client.subscribe("qiki.telemetry")
    state = None
    while state != "docked":
        state = json.loads((await telemetry.next_msg(PATIENCE_S)).data)["docking"]["state"]
    await telemetry.unsubscribe()


async def tell(client: Client, name: str, **parameters: object) -> bool:
    """Ask for something, print what became of it, and return whether it was carried out."""
    answer = await ask(client, name, **parameters)
    told = answer["payload"]
    reason = "" if answer["success"] else f" ({answer['error_detail']['message']})"
    world_s = told["time_ns"] * 1e-9
    print(f"{name}: {told['status']}{reason}, sequence {told['sequence']}, world {world_s:.1f} s")
    return bool(answer["success"])


async def main(url: str) -> None:
    """Let the world stand, go on by steps until the vehicle is docked, and begin anew."""
    client = await nats.connect(url)
    await tell(client, "sim.pause")
    await tell(client, "sim.step", duration_s=0.5)
    await tell(client, "power.dock.on")  # refused: nothing is docked
    if not await tell(client, "sim.dock.engage", port="A"):
        sys.exit(NO_BERTH)
    await tell(client, "sim.step", duration_s=60)
    try:
        await asyncio.wait_for(wait_until_docked(client), PATIENCE_S)
    except TimeoutError:
        sys.exit(NO_BERTH)
    await tell(client, "power.dock.on")
    await tell(client, "sim.dock.release")
    await tell(client, "sim.reset")
    await tell(client, "sim.start", speed=1)
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(*(sys.argv[1:] or [URL])))
