"""Tables of what radars add to the trackers' scenes: a recording, biases, replies."""

from bench.accuracy import attack, real_radar
from bench.accuracy.store import Results
from bench.accuracy.tables import seeds_of, table


def recording(results: Results) -> str:
    """Score of the recording of a real radar."""
    of, rows = results["real-radar"], []
    for identity in real_radar.IDENTITIES:
        for association in real_radar.ASSOCIATIONS:
            (coverage,), (purity,), (extra,), (mixed,) = (
                of[f"qiki_{association}_{identity}_{figure}"] for figure in real_radar.FIGURES
            )
            row = (f"{coverage:.4f}", f"{purity:.4f}", f"{extra:.0f}", f"{mixed:.0f}")
            rows.append((f"identity {identity}, `{association}`", *row))
    return table(("", "coverage", "purity", "extra ids", "mixed tracks"), rows)


def biases(results: Results) -> str:
    """Errors of the offset in place and time."""
    of, rows = results["registration"], []
    for name, figure, unit in (("place", "offset", "m"), ("time", "time", "ms")):
        errors = of[f"{figure}_error_{unit}"]
        told = of[f"{figure}_std_{unit}"]
        mean, most = sum(errors) / len(errors), max(errors)
        rows.append((f"{name} [{unit}]", f"{mean:.2f}", f"{most:.2f}", f"{max(told):.2f}"))
    heads = (f"{seeds_of(of)} draws", "mean error", "largest error", "standard deviation told")
    return table(heads, rows)


def replies(results: Results) -> str:
    """What wrong replies did, the worst of all draws."""
    of = results["identity-attack"]
    columns = (
        ("forged_told_s", ".0f"),
        ("forged_told_afterwards_s", ".0f"),
        ("hand_offs_lost", ".0f"),
        ("extra_ids", ".1%"),
        ("never_tracked", ".0f"),
        ("honest_foes", ".0f"),
    )
    rows = [
        (
            f"`{association}`",
            *(f"{max(of[f'qiki_{association}_{figure}']):{form}}" for figure, form in columns),
        )
        for association in attack.ASSOCIATIONS
    ]
    heads = (
        f"worst of {seeds_of(of)} draws",
        "forged id told [s]",
        "told after the owner went [s]",
        "hand-offs lost",
        "extra ids",
        "never tracked",
        "honest targets called foe",
    )
    rates = (
        f"{name} {min(of[name]):.1%} to {max(of[name]):.1%}" for name in ("garbled", "exchanged")
    )
    return f"{table(heads, rows)}\n\nOf the replies of a draw: {', '.join(rates)}."
