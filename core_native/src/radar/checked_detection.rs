//! How well a radar detects, checked: loop gain and detector from the scenario's document.

use crate::radar::detection_probability::{Detector, MIN_GAIN_OVER_NOISE};
use crate::radar::detection_threshold::MAX_PULSES;
use crate::radar::equation;
use crate::radar::power_budget;
use crate::scene::place::Place;
use crate::scene::scenario::{MAX_POSITION_M, MAX_RCS_DBSM};
use crate::scene::sensor_document::DetectionDocument;

/// Most false alarms per frame, in the mean.
pub const MAX_FALSE_ALARMS: f64 = 1e5;
/// Smallest and largest probability of a false alarm: false alarms are drawn above a threshold
/// that is above the mean noise, and an exponential number of 52 bits reaches 1e-15.
const FALSE_ALARM_LIMITS: [f64; 2] = [1e-15, 0.1];
/// Largest probability of detecting the reference target.
const MAX_REFERENCE_PROBABILITY: f64 = 0.999_999;

/// What stands for a detector whose document has problems.
const NO_DETECTOR: Detector = Detector { pulses: 1, false_alarm_probability: 0.1, threshold: 1.0 };

/// Loop gain of a single pulse \[m⁴/m²\] and the detector.
pub fn checked_detection(place: &Place<'_>, document: &DetectionDocument) -> (f64, Detector) {
    let detector = detector(place, document);
    let loop_gain = loop_gain(place, document, detector.as_ref());
    (loop_gain, detector.unwrap_or(NO_DETECTOR))
}

/// None when there is none for these numbers, which is reported.
fn detector(place: &Place<'_>, document: &DetectionDocument) -> Option<Detector> {
    let [low, high] = FALSE_ALARM_LIMITS;
    let false_alarm = document.false_alarm_probability;
    let is_alarm_right = place.key("false_alarm_probability").number(false_alarm, low, high);
    let pulses = document.pulses;
    let is_count_right = place.key("pulses").number(f64::from(pulses), 1.0, f64::from(MAX_PULSES));
    if !is_alarm_right || !is_count_right {
        return None;
    }
    let detector = Detector::new(false_alarm, i64::from(pulses));
    detector.map_err(|error| place.problem(error.to_string())).ok()
}

/// From the reference target or from the radar equation, whichever is given.
fn loop_gain(place: &Place<'_>, document: &DetectionDocument, detector: Option<&Detector>) -> f64 {
    let reference = (document.reference_range_m, document.detection_probability);
    let names_reference = reference != (None, None)
        || document.reference_rcs_dbsm.is_some()
        || document.reference_fluctuation.is_some();
    let equation_place = place.key("radar_equation");
    match (&document.radar_equation, reference) {
        (Some(_), _) if names_reference => {
            equation_place.problem(
                "stands beside a reference target: give either the reference target \
                 (reference_range_m, detection_probability, ...) or radar_equation",
            );
        }
        (Some(equation), _) => return power_budget::loop_gain(&equation_place, equation),
        (None, (Some(range_m), Some(probability))) => {
            return of_reference(place, document, detector, range_m, probability);
        }
        (None, _) => {
            place.problem(
                "must have reference_range_m and detection_probability, or radar_equation: give \
                 the reference target or the radar equation",
            );
        }
    }
    1.0
}

fn of_reference(
    place: &Place<'_>,
    document: &DetectionDocument,
    detector: Option<&Detector>,
    range_m: f64,
    probability: f64,
) -> f64 {
    let rcs_dbsm = document.reference_rcs_dbsm.unwrap_or(0.0);
    place.key("reference_range_m").number(range_m, 1.0, MAX_POSITION_M);
    place.key("reference_rcs_dbsm").number(rcs_dbsm, -MAX_RCS_DBSM, MAX_RCS_DBSM);
    let low = detector.map_or(0.0, |it| MIN_GAIN_OVER_NOISE * it.false_alarm_probability);
    let is_right =
        place.key("detection_probability").number(probability, low, MAX_REFERENCE_PROBABILITY);
    let Some(detector) = detector.filter(|_| is_right) else { return 1.0 };
    let fluctuation = document.reference_fluctuation.unwrap_or_default();
    let snr = detector.required_snr(probability, fluctuation).unwrap_or_else(|error| {
        place.problem(error.to_string());
        1.0
    });
    equation::loop_gain(snr, range_m, rcs_dbsm)
}
