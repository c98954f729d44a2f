"""CAT048 and CAT034 by libasterix, an outside implementation, one record after the other."""

from typing import NamedTuple

import asterix.generated as generated
from asterix.base import Bits, RawDatablock

PLOTS = generated.Cat_048_1_32
SERVICES = generated.Cat_034_1_29


class OraclePlot(NamedTuple):
    """Raw values of one CAT048 record; None where an item is absent."""

    source: int
    time_of_day: int
    descriptor: bytes
    position: int | None
    mode_3a: int | None
    flight_level: int | None
    address: int | None
    identification: str | None
    track_number: int | None
    velocity: int | None
    track_status: bytes


class OracleService(NamedTuple):
    """Raw values of one CAT034 record; None where an item is absent."""

    source: int
    message_type: int
    time_of_day: int
    sector: int | None
    rotation_period: int | None


def records(data):
    """Read concatenated data blocks: the plots and the service messages."""
    plots, services = [], []
    while data:
        length = int.from_bytes(data[1:3], "big")
        block = _accepted(RawDatablock.parse_single(Bits.from_bytes(data[:length])))[0]
        data = data[length:]
        if block.get_category() == 48:
            parsed = _accepted(PLOTS.cv_uap.parse(block.get_raw_records()))
            plots.extend(_plot(record) for record in parsed)
        elif block.get_category() == 34:
            parsed = _accepted(SERVICES.cv_uap.parse(block.get_raw_records()))
            services.extend(_service(record) for record in parsed)
    return plots, services


def _accepted(parsed):
    if isinstance(parsed, ValueError):
        raise parsed
    return parsed


def _plot(record):
    identification = record.get_item("240")
    return OraclePlot(
        source=_number(record, "010"),
        time_of_day=_number(record, "140"),
        descriptor=_octets(record, "020"),
        position=_number(record, "040"),
        mode_3a=_number(record, "070"),
        flight_level=_number(record, "090"),
        address=_number(record, "220"),
        identification=_text(identification),
        track_number=_number(record, "161"),
        velocity=_number(record, "200"),
        track_status=_octets(record, "170"),
    )


def _service(record):
    return OracleService(
        source=_number(record, "010"),
        message_type=_number(record, "000"),
        time_of_day=_number(record, "030"),
        sector=_number(record, "020"),
        rotation_period=_number(record, "041"),
    )


def _number(record, name):
    item = record.get_item(name)
    return None if item is None else item.as_uint()


def _octets(record, name):
    item = record.get_item(name)
    return b"" if item is None else item.unparse().to_bytes()


def _text(item):
    if item is None:
        return None
    return item.variation.content.as_string().rstrip(" ")


# Every item of CAT048 with how to draw a value for it: bits of a fixed item, or a function.
_FIXED_BITS = {
    "070": 16, "090": 16, "220": 24, "161": 16, "042": 32, "200": 32, "210": 32, "080": 16,
    "100": 32, "110": 16, "230": 16, "260": 56, "055": 8, "050": 16, "065": 8, "060": 16,
}  # fmt: skip
_DRAWN = {
    "130": lambda random: (
        {
            name: random.getrandbits(8)
            for name in ("SRL", "SRR", "SAM", "PRL", "PAM", "RPD", "APD")
            if random.random() < 0.5
        }
        or {"SRL": 1}
    ),
    "240": lambda random: "".join(random.choices("ABZ019", k=8)),
    "250": lambda random: [random.getrandbits(64) for _ in range(random.randrange(6))],
    "170": lambda random: [random.getrandbits(7) for _ in range(random.randint(1, 2))],
    "030": lambda random: [random.getrandbits(7) for _ in range(random.randint(1, 6))],
    "120": lambda random: random.choice(
        [
            {"CAL": random.getrandbits(16)},
            {"RDS": [random.getrandbits(48) for _ in range(random.randrange(5))]},
            {"CAL": random.getrandbits(16), "RDS": [random.getrandbits(48)]},
        ]
    ),
    "SP": lambda random: random.randbytes(random.randrange(20)),
    "RE": lambda random: random.randbytes(random.randrange(20)),
}


def random_plot_records(random, count):
    """Draw CAT048 records that hold what is mandatory and any of all other items."""
    create = PLOTS.cv_uap.cv_record.create
    encoded = bytearray()
    for _ in range(count):
        items = {
            "010": random.getrandbits(16),
            "140": random.randrange(86_400 * 128),
            "020": [random.getrandbits(7) for _ in range(random.randint(1, 6))],
            "040": random.getrandbits(32),
        }
        for name, bits in _FIXED_BITS.items():
            if random.random() < 0.4:
                items[name] = random.getrandbits(bits)
        for name, draw in _DRAWN.items():
            if random.random() < 0.4:
                items[name] = draw(random)
        encoded += create(items).unparse().to_bytes()
    return bytes([48]) + (len(encoded) + 3).to_bytes(2, "big") + encoded
