"""Closed forms of detection against quadrature, known values and the laws they obey."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from qiki.errors import SettingError
from qiki.radar import detection_probability, detection_threshold, required_snr_db
from tests.radar import detection_oracle

SWERLING = [0, 1, 2, 3, 4]
SNRS_DB = np.arange(-5.0, 20.1, 2.5)

false_alarms = st.floats(-15.0, -0.5).map(lambda power: 10.0**power)
pulse_counts = st.integers(1, 1000)
cases = st.sampled_from(SWERLING)


@pytest.mark.parametrize("swerling", SWERLING)
@pytest.mark.parametrize("pulses", [1, 4, 10, 30])
@pytest.mark.parametrize("pfa", [1e-4, 1e-6, 1e-8])
def test_probability_agrees_with_quadrature(swerling, pulses, pfa):
    found = detection_probability(
        SNRS_DB, false_alarm_probability=pfa, pulses=pulses, swerling=swerling
    )
    expected = [detection_oracle.probability(snr, pfa, pulses, swerling) for snr in SNRS_DB]
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-12)


@pytest.mark.parametrize("pulses", [100, 1000, 10_000])
@pytest.mark.parametrize("pfa", [1e-12, 1e-6, 0.5])
def test_many_pulses_agree_with_scipy(pulses, pfa):
    """Swerling 2 is a gamma tail, Swerling 0 a non-central chi-square one."""
    limit = special.gammainccinv(pulses, pfa)
    snr_db = np.linspace(-25.0, 5.0, 31)
    snr = 10.0 ** (0.1 * snr_db)
    given = {"false_alarm_probability": pfa, "pulses": pulses}
    expected = special.gammaincc(pulses, limit / (1.0 + snr))
    np.testing.assert_allclose(
        detection_probability(snr_db, swerling=2, **given), expected, rtol=1e-9, atol=1e-11
    )
    expected = stats.ncx2.sf(2.0 * limit, 2 * pulses, 2.0 * pulses * snr)
    np.testing.assert_allclose(
        detection_probability(snr_db, swerling=0, **given), expected, rtol=0.0, atol=1e-9
    )


def test_known_values_at_13_db():
    found = [
        detection_probability(13.0, false_alarm_probability=1e-6, swerling=case)
        for case in SWERLING
    ]
    expected = [0.874441, 0.517178, 0.517178, 0.608965, 0.608965]
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=5e-7)
    assert all(type(value) is float for value in found)


@pytest.mark.parametrize("pulses", [1, 2, 10, 1000, 10_000])
def test_threshold_is_the_gamma_quantile(pulses):
    pfa = np.array([[1e-30, 1e-15, 1e-8], [1e-4, 0.1, 0.5]])
    found = detection_threshold(pfa, pulses=pulses)
    assert found.shape == (2, 3)
    np.testing.assert_allclose(special.gammaincc(pulses, found), pfa, rtol=3e-10)


@given(false_alarms, pulse_counts, cases, st.floats(0.0, 1.0))
def test_the_inverse_comes_back(pfa, pulses, swerling, fraction):
    wanted = 1.02 * pfa + fraction * (0.999 - 1.02 * pfa)
    given = {"false_alarm_probability": pfa, "pulses": pulses, "swerling": swerling}
    snr_db = required_snr_db(wanted, **given)
    assert detection_probability(snr_db, **given) == pytest.approx(wanted, rel=1e-9)


@given(false_alarms, pulse_counts, cases, st.floats(-40.0, 40.0))
def test_more_snr_more_false_alarms_more_pulses_detect_more(pfa, pulses, swerling, snr_db):
    def found(snr_db=snr_db, pfa=pfa, pulses=pulses):
        return detection_probability(
            snr_db, false_alarm_probability=pfa, pulses=pulses, swerling=swerling
        )

    rounding = 1e-11
    assert pfa * (1.0 - 1e-9) <= found() <= 1.0 + rounding
    assert found(snr_db=snr_db + 1.0) >= found() - rounding
    assert found(pfa=min(2.0 * pfa, 0.5)) >= found() - rounding
    assert found(pulses=2 * pulses) >= found() - rounding


@given(false_alarms, st.floats(-30.0, 30.0))
def test_one_pulse_has_the_closed_forms(pfa, snr_db):
    snr = 10.0 ** (0.1 * snr_db)
    found = [
        detection_probability(snr_db, false_alarm_probability=pfa, swerling=case)
        for case in SWERLING
    ]
    assert found[1] == found[2] == pytest.approx(pfa ** (1.0 / (1.0 + snr)), rel=1e-12)
    # Richards 2014, table 6.3, for one pulse.
    limit, half = -np.log(pfa), 0.5 * snr
    swerling_3 = (1.0 + limit * half / (1.0 + half) ** 2) * np.exp(-limit / (1.0 + half))
    assert found[3] == found[4] == pytest.approx(swerling_3, rel=1e-9)


def test_small_probabilities_keep_their_digits():
    """A hundredth of the noise in each of 10 pulses, and false alarms of 1e-20."""
    given = {"false_alarm_probability": 1e-20, "pulses": 10}
    limit = special.gammainccinv(10, 1e-20)
    found = detection_probability(-20.0, swerling=2, **given)
    assert found == pytest.approx(special.gammaincc(10, limit / 1.01), rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"snr_db": np.nan}, "snr_db is NaN, must be -200 to 200: give"),
        ({"snr_db": [0.0, 300.0]}, "snr_db is 300, must be"),
        ({"false_alarm_probability": 0.0}, "false_alarm_probability is 0e0, must be 1e-30 to 0.5"),
        ({"pulses": 0}, "pulses is 0, must be 1 to 10000: give"),
        ({"swerling": 5}, "swerling is 5, must be 0 to 4: give"),
    ],
)
def test_what_the_formulas_do_not_cover_is_refused(arguments, message):
    with pytest.raises(SettingError, match=message):
        detection_probability(**{"snr_db": 3.0, "false_alarm_probability": 1e-6, **arguments})


@pytest.mark.parametrize("wanted", [1e-6, 1.0, np.nan])
def test_a_probability_out_of_reach_is_refused(wanted):
    with pytest.raises(SettingError, match=r"must be 1.01e-6 .* to 1 - 1e-9: ask"):
        required_snr_db(wanted, false_alarm_probability=1e-6)
