"""Range-rate ambiguity and blind speeds: what the PRF does to Doppler."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants, integrate, stats

from qiki.errors import ScenarioError
from qiki.radar import Radar, detection_probability
from tests.radar.scenes import scenario, sensor, target

PFA = 1e-6
# First blind speed 60 m/s.
WAVEFORM = {"prf_hz": 4000.0, "wavelength_m": 0.03}
BLIND_M_S = 60.0


def folding_sensor(waveform=WAVEFORM, **range_rate):
    return sensor(waveform=waveform, range_rate={"limit_m_s": None} | range_rate)


def approaching(speeds_m_s, range_m=5000.0, **fields):
    """Bodies that come along the same line of sight, so that range rate is minus the speed."""
    return [
        target(f"v{index}", (0.0, range_m, 0.0), (0.0, -speed, 0.0), **fields)
        for index, speed in enumerate(speeds_m_s)
    ]


SPEEDS_M_S = np.concatenate([np.linspace(-590.0, 590.0, 401), 30.0 * np.arange(-15, 16)])


def test_range_rates_are_measured_modulo_the_blind_speed():
    radar = Radar(scenario(approaching(SPEEDS_M_S, rcs_dbsm=30.0), [folding_sensor()]))
    truth = radar.truth(0)
    errors = []
    for number in range(20):
        frame = radar.frame(number)
        measured = frame.detections["range_rate_m_s"]
        assert (measured >= -0.5 * BLIND_M_S).all()
        assert (measured < 0.5 * BLIND_M_S).all()
        difference = measured - truth.range_rate_m_s[frame.truth]
        error = (difference + 0.5 * BLIND_M_S) % BLIND_M_S - 0.5 * BLIND_M_S
        errors.append(error / frame.detections["range_rate_std_m_s"])
    errors = np.concatenate(errors)
    assert len(errors) > 8000
    assert stats.kstest(errors, "norm").pvalue > 1e-4


RESOLVED = {"range_rate_ambiguity": "resolved"}


def test_fast_targets_are_seen_folded_instead_of_not_at_all():
    fast = approaching([700.0], rcs_dbsm=60.0)
    assert len(Radar(scenario(fast)).frame(0)) == 0
    assert len(Radar(scenario(fast, [folding_sensor()])).frame(0)) == 1
    assert len(Radar(scenario(fast, [sensor(waveform=WAVEFORM | RESOLVED)])).frame(0)) == 0


def test_a_narrow_filter_bank_looks_at_the_folded_range_rate():
    bodies = approaching(SPEEDS_M_S, rcs_dbsm=60.0)
    radar = Radar(scenario(bodies, [folding_sensor(limit_m_s=20.0)]))
    folded = (SPEEDS_M_S + 0.5 * BLIND_M_S) % BLIND_M_S - 0.5 * BLIND_M_S
    is_clear = np.abs(np.abs(folded) - 20.0) > 1e-9
    expected = (np.abs(folded) < 20.0)[is_clear]
    assert ((radar.truth(0).detection_probability > 0.0)[is_clear] == expected).all()
    seen = np.isin(np.arange(len(bodies)), radar.frame(0).truth)
    assert (seen[is_clear] == expected).all()


def test_a_waveform_without_effect_changes_no_byte():
    """Not plain targets take another way through the kernel, with the same numbers."""
    bodies = approaching(SPEEDS_M_S)
    plain = Radar(scenario(bodies))
    other = Radar(scenario(bodies, [sensor(waveform=WAVEFORM | RESOLVED)]))
    for number in range(5):
        one, two = plain.frame(number), other.frame(number)
        assert one.detections.tobytes() == two.detections.tobytes()
        assert one.truth.tolist() == two.truth.tolist()
    assert (plain.truth(0).detection_probability == other.truth(0).detection_probability).all()


def expected_gain(speed_m_s, delays):
    """Skolnik's |2 sin(pi f / PRF)|^(2 n) over its mean by quadrature."""

    def response(turns):
        return np.abs(2.0 * np.sin(np.pi * turns)) ** (2 * delays)

    mean, _ = integrate.quad(response, 0.0, 1.0)
    doppler_hz = 2.0 * np.asarray(speed_m_s) / WAVEFORM["wavelength_m"]
    return response(doppler_hz / WAVEFORM["prf_hz"]) / mean


@pytest.mark.parametrize("measures", [True, False])
@pytest.mark.parametrize("delays", [1, 2, 3])
def test_detection_follows_the_canceller(delays, measures):
    waveform = WAVEFORM | {"canceller_delays": delays}
    without_rate = sensor(waveform=waveform, range_rate=None)
    radar_sensor = folding_sensor(waveform) if measures else without_rate
    speeds_m_s = np.linspace(-200.0, 200.0, 161)
    radar = Radar(scenario(approaching(speeds_m_s, 11_000.0), [radar_sensor]))
    snr_db = radar.sensor.mean_snr_db(11_000.0)
    gain = expected_gain(speeds_m_s, delays)
    is_blind = gain < 1e-12
    assert np.count_nonzero(is_blind) == 7
    found = radar.truth(0).detection_probability
    # A blind target has no echo: what is seen of it is a false alarm of its cell.
    np.testing.assert_allclose(found[is_blind], PFA, rtol=1e-6)
    seen_snr_db = snr_db + 10.0 * np.log10(gain[~is_blind])
    expected = detection_probability(seen_snr_db, false_alarm_probability=PFA)
    np.testing.assert_allclose(found[~is_blind], expected, rtol=1e-9)
    assert found.max() > detection_probability(snr_db, false_alarm_probability=PFA) + 0.05
    np.testing.assert_allclose(
        radar.sensor.waveform.canceller_gain_db(speeds_m_s[~is_blind]),
        10.0 * np.log10(gain[~is_blind]),
        atol=1e-9,
    )


@pytest.mark.parametrize("swerling", [0, 1, 3])
def test_echoes_are_as_frequent_as_the_canceller_lets_them_be(swerling):
    """Many bodies of one speed each: rates in the joint interval of 99.9 %."""
    waveform = WAVEFORM | {"canceller_delays": 2}
    speeds_m_s = [12.0, 17.0, 30.0, 85.0, 100.0, 60.0]
    bodies = approaching(np.repeat(speeds_m_s, 500), 9000.0, fluctuation=f"swerling_{swerling}")
    scene = scenario(bodies, [folding_sensor(waveform)])
    truth = Radar(scene).truth(0).detection_probability.reshape(6, 500)
    # The same instant with other seeds, since all of them move.
    seen = sum(
        np.bincount(Radar(scene, seed=seed).frame(0).truth, minlength=3000) for seed in range(20)
    )
    confidence = 1.0 - 1e-3 / (3 * len(speeds_m_s))
    for probability, count in zip(truth[:, 0], seen.reshape(6, 500).sum(axis=1), strict=True):
        low, high = stats.binom.interval(confidence, 10_000, probability)
        assert low <= count <= high
    assert truth[-1, 0] == pytest.approx(PFA, rel=1e-6)


@given(st.floats(1.0, 1e7), st.floats(1e-4, 10.0), st.integers(0, 3))
def test_speeds_of_the_waveform(prf_hz, wavelength_m, delays):
    waveform = {"prf_hz": prf_hz, "wavelength_m": wavelength_m, "canceller_delays": delays}
    waveform |= {"range_ambiguity": "resolved", "range_rate_ambiguity": "resolved"}
    found = scenario([], [sensor(waveform=waveform)]).sensors[0].waveform
    assert (found.prf_hz, found.wavelength_m, found.canceller_delays) == (
        prf_hz,
        wavelength_m,
        delays,
    )
    assert found.folds_range_rate is False
    assert found.blind_speed_m_s == pytest.approx(0.5 * wavelength_m * prf_hz, rel=1e-14)
    assert found.unambiguous_range_m == pytest.approx(0.5 * constants.c / prf_hz, rel=1e-14)


EQUATION = {
    "radar_equation": {
        "power_w": 1e4,
        "antenna_gain_db": 33.0,
        "frequency_hz": 9.4e9,
        "noise_figure_db": 5.0,
        "bandwidth_hz": 1e7,
    },
    "false_alarm_probability": PFA,
}


def test_the_radar_equation_gives_the_wavelength():
    with_equation = sensor(waveform={"prf_hz": 4000.0}, range_rate={"limit_m_s": None})
    with_equation["detection"] = EQUATION
    waveform = scenario([], [with_equation]).sensors[0].waveform
    assert waveform.wavelength_m == pytest.approx(constants.c / 9.4e9, rel=1e-14)
    assert waveform.folds_range_rate
    with_equation["waveform"] = WAVEFORM
    with pytest.raises(ScenarioError, match="waveform: stands beside a radar equation, which must"):
        scenario([], [with_equation])


@pytest.mark.parametrize(
    ("waveform", "range_rate", "message"),
    [
        ({"prf_hz": 4000.0}, {}, "waveform: must have frequency_hz or wavelength_m: give exactly"),
        ({"prf_hz": 0.0, "wavelength_m": 1.0}, {}, "waveform.prf_hz: is 0, must be 1 to 10000000"),
        (WAVEFORM | {"canceller_delays": 4}, {}, "canceller_delays: is 4, must be 0 to 3"),
        (WAVEFORM, {"limit_m_s": 31.0}, "limit_m_s: is 31, must be at most 30, a quarter of the"),
        (WAVEFORM, {"resolution_m_s": 40.0}, "resolution_m_s: is 40, must be 0.001 to 30"),
        (WAVEFORM | RESOLVED, {}, "range_rate.limit_m_s: is missing: a radar without a waveform"),
        (
            WAVEFORM | {"prf_hz": 8000.0},
            {},
            "coverage.max_range_m: is 20000, must be at most 18737.0, the unambiguous range",
        ),
    ],
)
def test_contradictions_are_refused_with_their_remedy(waveform, range_rate, message):
    with pytest.raises(ScenarioError, match=message):
        scenario([], [folding_sensor(waveform, **range_rate)])
