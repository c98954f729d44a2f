//! A radar's parameters, checked and turned into the terms of the formulas.

use std::sync::Arc;

use uuid::Uuid;

use crate::frame::{Coverage, parse_uuid};
use crate::radar::checked_detection::checked_detection;
use crate::radar::detection_probability::Detector;
use crate::radar::echo_power::PulseSum;
use crate::radar::equation::{Accuracy, MONOPULSE_SLOPE, to_db};
use crate::radar::false_alarm_rate::{FalseAlarmRate, check_false_alarms};
use crate::radar::faults::Fault;
use crate::radar::mount::Mount;
use crate::radar::registration::RegistrationBias;
use crate::radar::resolution_cells::ResolutionCells;
use crate::radar::scan::Scan;
use crate::radar::transponder::fruit;
use crate::radar::transponder::interrogator::Interrogator;
use crate::radar::waveform::Waveform;
use crate::scene::place::Place;
use crate::scene::platform::Platform;
use crate::scene::scenario::{MAX_NAME_BYTES, MAX_POSITION_M};
use crate::scene::sensor_document::{AngleAccuracyDocument, CoverageDocument, SensorDocument};

/// Range up to which a radar without an interrogator asks transponders, unless told \[m\].
const SR_THRESHOLD_M: f64 = 5000.0;
/// More than any normal number that is drawn: √(2 ln 2^32) is 6.66.
const LARGEST_NORMAL: f64 = 7.0;
/// Smallest and largest resolution, in the unit of each measurement.
pub const RESOLUTION_LIMITS: [f64; 2] = [1e-3, 1e6];
/// Largest range rate of a filter bank \[m/s\].
pub const MAX_RANGE_RATE_M_S: f64 = 1e6;
/// Widest beam \[deg\]; a wider one would measure elevations past the zenith.
pub const MAX_BEAMWIDTH_DEG: f64 = 30.0;
/// Largest bias in resolutions; with the widest beam and the weakest echo a larger one could carry
/// elevations round the whole turn.
pub const MAX_BIAS_FRACTION: f64 = 0.25;

/// A checked radar.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// Its name in the scenario.
    pub name: String,
    /// Its UUID.
    pub id: [u8; 16],
    /// Time from frame to frame \[ns\]; the mean one where beams dwell for different times.
    pub period_ns: i64,
    /// How it looks round.
    pub scan: Scan,
    /// What shifts all that it reports.
    pub registration_bias: Option<RegistrationBias>,
    /// Where it sits and which way it looks.
    pub mount: Mount,
    /// The volume searched, counted from the boresight.
    pub coverage: Coverage,
    /// Range up to which transponders are interrogated \[m\].
    pub sr_threshold_m: f64,
    /// SNR of a single pulse = gain * RCS / range^4 \[m⁴/m²\].
    pub loop_gain: f64,
    /// The same for all pulses of a frame together \[dB\].
    pub integrated_gain_db: f64,
    /// Pulses of a frame that are integrated.
    pub pulses: u32,
    /// How the power of their sum is drawn.
    pub pulse_sum: PulseSum,
    /// Probability that noise alone exceeds the threshold in one resolution cell.
    pub false_alarm_probability: f64,
    /// Sum of the pulses' powers, over the mean noise power of one, from which it is a detection.
    pub threshold: f64,
    /// How many false alarms it has.
    pub false_alarm_rate: FalseAlarmRate,
    /// Mean number of false alarms in one frame; the mean one where beams differ.
    pub false_alarms_per_frame: f64,
    /// Name of the user's model that gives the probability of detection.
    pub detection_probability_model: Option<Arc<str>>,
    /// Its pulses; none where nothing depends on them.
    pub waveform: Option<Waveform>,
    /// Accuracy of the range \[m\].
    pub range: Accuracy,
    /// Accuracy of the bearing \[deg\].
    pub bearing: Accuracy,
    /// Accuracy of the elevation \[deg\]; none where it is not measured.
    pub elevation: Option<Accuracy>,
    /// Accuracy of the range rate \[m/s\]; none where it is not measured.
    pub range_rate: Option<Accuracy>,
    /// Fastest range rate that passes the filter bank, either way \[m/s\]; of folded ones where the
    /// waveform folds them.
    pub range_rate_limit_m_s: f64,
    /// The cells within which it sees targets as one; none where it tells every target apart.
    pub resolution_cells: Option<ResolutionCells>,
    /// How it asks transponders; none where it hears every reply as it was sent.
    pub interrogator: Option<Interrogator>,
    /// Probability that a false reply is recognised as one.
    pub spoof_recognition_probability: f64,
    /// What goes wrong with it.
    pub faults: Vec<Fault>,
}

impl Sensor {
    /// Check the document of a sensor at `place` of the scenario called `scenario_name`, which has
    /// these `platforms`.
    pub fn from_document(
        place: &Place<'_>,
        document: &SensorDocument,
        scenario_name: &str,
        platforms: &[Platform],
    ) -> Self {
        let told = place.problem_count();
        place.key("name").text(&document.name, MAX_NAME_BYTES);
        let coverage = coverage(&place.key("coverage"), &document.coverage);
        let mount = Mount::from_document(place, &document.platform, &document.mount, platforms);
        let elevations = place.key("coverage");
        mount.check_elevations(&elevations.key("elevation_deg"), document.coverage.elevation_deg);
        let scan = Scan::from_document(place, document, &coverage);
        check_turn(place, &scan, &mount, platforms);
        let (loop_gain, detector) = checked_detection(&place.key("detection"), &document.detection);
        if let Some(sr_threshold_m) = document.sr_threshold_m {
            place.key("sr_threshold_m").number(sr_threshold_m, 0.0, MAX_POSITION_M);
        }
        let recognition = document.spoof_recognition_probability;
        place.key("spoof_recognition_probability").number(recognition, 0.0, 1.0);
        let bearing = angle(&place.key("bearing"), &document.bearing);
        let elevation = document.elevation.as_ref();
        let elevation = elevation.map(|entry| angle(&place.key("elevation"), entry));
        let waveform = Waveform::from_document(place, document);
        let (range_rate, range_rate_limit_m_s) = range_rate(place, document, waveform.as_ref());
        let range = range(place, document);
        let (false_alarm_rate, false_alarms_per_frame, most_false_alarms) =
            FalseAlarmRate::from_document(place, document, &scan, &coverage, range_rate_limit_m_s);
        // Of wrong numbers the product would only be wrong again.
        if place.problem_count() == told {
            check_false_alarms(place, document, most_false_alarms);
        }
        Self {
            name: document.name.clone(),
            id: sensor_id(place, document, scenario_name),
            period_ns: scan.period_ns(),
            scan,
            registration_bias: registration_bias(place, document),
            mount,
            coverage,
            sr_threshold_m: sr_threshold_m(document, &range, detector),
            loop_gain,
            integrated_gain_db: to_db(loop_gain * f64::from(detector.pulses)),
            pulses: detector.pulses,
            pulse_sum: PulseSum::new(detector.pulses),
            false_alarm_probability: detector.false_alarm_probability,
            threshold: detector.threshold,
            false_alarm_rate,
            false_alarms_per_frame,
            detection_probability_model: detection_probability_model(place, document),
            waveform,
            range,
            bearing,
            elevation,
            range_rate,
            range_rate_limit_m_s,
            resolution_cells: document.merges_unresolved.then(|| ResolutionCells::of(document)),
            interrogator: document
                .interrogator
                .as_ref()
                .map(|entry| Interrogator::from_document(&place.key("interrogator"), entry)),
            spoof_recognition_probability: recognition,
            faults: Fault::from_documents(&place.key("faults"), &document.faults),
        }
    }
}

impl Sensor {
    /// Accuracy of range, bearing, elevation and range rate; of what is not measured, none.
    #[inline(always)]
    pub fn accuracies(&self) -> [Accuracy; 4] {
        let measured = |accuracy: Option<Accuracy>| accuracy.unwrap_or(Accuracy::NONE);
        [self.range, self.bearing, measured(self.elevation), measured(self.range_rate)]
    }

    /// Whether an error of some measurement stays the same for a target.
    #[inline(always)]
    pub fn is_biased(&self) -> bool {
        self.accuracies().iter().any(|accuracy| accuracy.bias_variance > 0.0)
    }

    /// The waveform, where it makes range rates ambiguous.
    #[inline(always)]
    pub fn folding(&self) -> Option<&Waveform> {
        self.waveform.as_ref().filter(|waveform| waveform.folds_range_rate)
    }

    /// Fastest true range rate that is seen, either way \[m/s\]; all where they are folded.
    pub fn true_range_rate_limit_m_s(&self) -> f64 {
        if self.folding().is_some() { f64::INFINITY } else { self.range_rate_limit_m_s }
    }

    /// Gain of the filters for an echo of this range rate over that for noise.
    #[inline(always)]
    pub fn doppler_gain(&self, range_rate_m_s: f64) -> f64 {
        self.waveform.as_ref().map_or(1.0, |waveform| waveform.canceller_gain(range_rate_m_s))
    }

    /// Whether the filter bank has this range rate once it is folded, if it is.
    #[inline(always)]
    pub fn passes(&self, range_rate_m_s: f64) -> bool {
        self.folding().is_none_or(|waveform| {
            waveform.folded(range_rate_m_s).abs() <= self.range_rate_limit_m_s
        })
    }

    /// Mean number of plots in one frame that nothing but replies to others make.
    pub fn fruit_plots_per_frame(&self) -> f64 {
        let makes_plots = |it: &Interrogator| {
            it.secondary_plots && fruit::ranges_m(&self.coverage, self.sr_threshold_m).is_some()
        };
        self.interrogator.filter(makes_plots).map_or(0.0, |it| it.fruit_per_frame)
    }

    /// What says whether a sum of pulses is a detection.
    pub const fn detector(&self) -> Detector {
        Detector {
            pulses: self.pulses,
            false_alarm_probability: self.false_alarm_probability,
            threshold: self.threshold,
        }
    }
}

fn sensor_id(place: &Place<'_>, document: &SensorDocument, scenario: &str) -> [u8; 16] {
    let Some(text) = &document.sensor_id else {
        let name = format!("qiki:scenario:{scenario}:{}", document.name);
        return Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()).into_bytes();
    };
    parse_uuid("sensor_id", text).unwrap_or_else(|_| {
        place.key("sensor_id").problem(format!("is {text:?}, must be a UUID"));
        // Different texts stay different sensors.
        Uuid::new_v5(&Uuid::NAMESPACE_URL, text.as_bytes()).into_bytes()
    })
}

/// Refuse an antenna that a vehicle could turn back as fast as it turns itself.
fn check_turn(place: &Place<'_>, scan: &Scan, mount: &Mount, platforms: &[Platform]) {
    let platform = &platforms[mount.platform];
    let turn_rate_deg_s = platform.heading_at(0.0)[1].abs();
    let Scan::Rotating(rotation) = scan else {
        return;
    };
    let limit_deg_s = rotation.turn_rate_limit_deg_s();
    if !mount.turns_with_body || turn_rate_deg_s <= limit_deg_s {
        return;
    }
    place.key("scan").key("rotating").key("rotation_period_s").problem(format!(
        "makes {} deg/s, while platform {:?} turns at {turn_rate_deg_s} deg/s, must be at most half \
         as fast: turn the antenna faster or stabilise it to north",
        2.0 * limit_deg_s,
        platform.name
    ));
}

fn detection_probability_model(place: &Place<'_>, document: &SensorDocument) -> Option<Arc<str>> {
    let name = document.detection.detection_probability_model.as_deref()?;
    place.key("detection").key("detection_probability_model").text(name, MAX_NAME_BYTES);
    Some(name.into())
}

fn registration_bias(place: &Place<'_>, document: &SensorDocument) -> Option<RegistrationBias> {
    let entry = document.registration_bias.as_ref()?;
    RegistrationBias::from_document(&place.key("registration_bias"), entry)
}

fn coverage(place: &Place<'_>, document: &CoverageDocument) -> Coverage {
    let CoverageDocument { min_range_m, max_range_m, bearing_start_deg, .. } = *document;
    let [min_elevation_deg, max_elevation_deg] = document.elevation_deg;
    let is_min_right = place.key("min_range_m").number(min_range_m, 0.0, MAX_POSITION_M);
    let least_m = if is_min_right { min_range_m } else { 0.0 };
    place.key("max_range_m").number(max_range_m, least_m, MAX_POSITION_M);
    place.key("bearing_start_deg").number(bearing_start_deg, 0.0, 360.0_f64.next_down());
    place.key("bearing_extent_deg").number(document.bearing_extent_deg, 0.0, 360.0);
    place.key("elevation_deg").interval(document.elevation_deg, -90.0, 90.0);
    Coverage {
        min_range_m,
        max_range_m,
        bearing_start_deg,
        bearing_extent_deg: document.bearing_extent_deg,
        min_elevation_deg,
        max_elevation_deg,
    }
}

/// Range up to which transponders are interrogated \[m\]. That of a secondary radar is as far as it
/// measures anything that it covers, with the bias and as much noise as is ever drawn.
fn sr_threshold_m(document: &SensorDocument, range: &Accuracy, detector: Detector) -> f64 {
    let unless_told = document.interrogator.as_ref().map_or(SR_THRESHOLD_M, |interrogator| {
        let weakest_snr = detector.threshold - f64::from(detector.pulses);
        let echo_std_m = f64::from(range.std((1.0 / weakest_snr) as f32));
        let bias_m = document.registration_bias.as_ref().map_or(0.0, |bias| bias.range_m);
        let noise_m = LARGEST_NORMAL * echo_std_m.max(interrogator.range_std_m);
        document.coverage.max_range_m + bias_m.max(0.0) + noise_m
    });
    document.sr_threshold_m.unwrap_or(unless_told)
}

fn range(place: &Place<'_>, document: &SensorDocument) -> Accuracy {
    let (place, entry) = (place.key("range"), &document.range);
    let [finest, coarsest] = RESOLUTION_LIMITS;
    place.key("resolution_m").number(entry.resolution_m, finest, coarsest);
    place.key("floor_m").number(entry.floor_m, 0.0, coarsest);
    let bias_m = bias(&place, entry.bias_fraction, entry.resolution_m);
    Accuracy::new(entry.resolution_m, 1.0, entry.floor_m).with_bias(bias_m)
}

/// Standard deviation of the bias, checked.
fn bias(place: &Place<'_>, fraction: f64, resolution: f64) -> f64 {
    place.key("bias_fraction").number(fraction, 0.0, MAX_BIAS_FRACTION);
    fraction * resolution
}

fn angle(place: &Place<'_>, entry: &AngleAccuracyDocument) -> Accuracy {
    place.key("beamwidth_deg").number(entry.beamwidth_deg, 1e-3, MAX_BEAMWIDTH_DEG);
    place.key("floor_deg").number(entry.floor_deg, 0.0, 10.0);
    let bias_deg = bias(place, entry.bias_fraction, entry.beamwidth_deg);
    Accuracy::new(entry.beamwidth_deg, MONOPULSE_SLOPE, entry.floor_deg).with_bias(bias_deg)
}

/// Accuracy and limit; a radar that does not measure range rate sees every one.
fn range_rate(
    place: &Place<'_>,
    document: &SensorDocument,
    waveform: Option<&Waveform>,
) -> (Option<Accuracy>, f64) {
    let Some(entry) = &document.range_rate else {
        return (None, f64::INFINITY);
    };
    let place = place.key("range_rate");
    let [finest, coarsest] = RESOLUTION_LIMITS;
    let is_right = place.key("resolution_m_s").number(entry.resolution_m_s, finest, coarsest);
    let least_m_s = if is_right { entry.resolution_m_s } else { 0.0 };
    place.key("floor_m_s").number(entry.floor_m_s, 0.0, coarsest);
    let limit_place = place.key("limit_m_s");
    let limit_m_s = match entry.limit_m_s {
        Some(limit_m_s) if limit_place.number(limit_m_s, least_m_s, MAX_RANGE_RATE_M_S) => {
            check_folding(&limit_place, limit_m_s, waveform);
            limit_m_s
        }
        Some(limit_m_s) => limit_m_s,
        None => folded_limit_m_s(&limit_place, waveform),
    };
    if is_right && entry.limit_m_s.is_none() {
        place.key("resolution_m_s").number(entry.resolution_m_s, finest, limit_m_s);
    }
    let bias_m_s = bias(&place, entry.bias_fraction, entry.resolution_m_s);
    let accuracy = Accuracy::new(entry.resolution_m_s, 1.0, entry.floor_m_s).with_bias(bias_m_s);
    (Some(accuracy), limit_m_s)
}

/// Largest folded range rate; none where range rates are not folded.
fn largest_folded_m_s(waveform: Option<&Waveform>) -> Option<f64> {
    let folding = waveform.filter(|waveform| waveform.folds_range_rate);
    folding.map(|waveform| 0.5 * waveform.blind_speed_m_s())
}

/// Refuse a filter bank that is wider than the folded range rates.
fn check_folding(place: &Place<'_>, limit_m_s: f64, waveform: Option<&Waveform>) {
    if let Some(largest_m_s) = largest_folded_m_s(waveform)
        && limit_m_s > largest_m_s
    {
        place.problem(format!(
            "is {limit_m_s}, must be at most {largest_m_s}, a quarter of the waveform's \
             wavelength times PRF: leave it out, or set range_rate_ambiguity: resolved there"
        ));
    }
}

/// Limit of a filter bank that is as wide as the folded range rates.
fn folded_limit_m_s(place: &Place<'_>, waveform: Option<&Waveform>) -> f64 {
    largest_folded_m_s(waveform).unwrap_or_else(|| {
        place.problem(
            "is missing: a radar without a waveform that folds range rates needs the fastest one \
             of its filter bank [m/s]",
        );
        MAX_RANGE_RATE_M_S
    })
}
