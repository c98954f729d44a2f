//! A recording cut into turns of the antenna, one frame each.

use std::str::FromStr;

use super::Recording;
use super::antenna::{PERIOD_LIMITS_S, Pointing, estimate_period_s, plausible_period};
use super::plot::M_PER_NM;
use super::plot_detail::PlotDetail;
use super::service::ServiceMessage;
use super::source::{Source, choose_source};
use super::turns::{Look, TurnedPlot, announced_period_s, count_turns, looks};
use crate::detection::{Detection, range_band};
use crate::error::{Error, Result};
use crate::frame::{Coverage, Frame, FrameHeader};

/// Lowest elevation searched \[deg\]: aircraft on the ground are below the sensor's level plane,
/// close by far below it.
const MIN_ELEVATION_DEG: f64 = -90.0;
/// Highest elevation searched \[deg\] unless given. Above it is the cone of silence, where an
/// aircraft that passes overhead is not missed but unseen; about 45 deg is usual for the antenna
/// of an air surveillance radar (`tests/recording` finds the edge in a real one).
const MAX_ELEVATION_DEG: f64 = 45.0;
/// Turns without a plot that get an (empty) frame each; a longer pause is a radar that was off.
const MAX_SILENT_TURNS: i64 = 64;

/// How to cut.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScanOptions {
    /// Whose plots; needed when a recording holds those of several radars.
    pub source: Option<Source>,
    /// Rotation period \[s\]; by default from the service messages, else from the plots.
    pub rotation_period_s: Option<f64>,
    /// Instrumented range \[m\]; by default the furthest plot's, up to the next nautical mile.
    pub max_range_m: Option<f64>,
    /// Edge of the cone of silence \[deg\]; by default 45.
    pub max_elevation_deg: Option<f64>,
}

/// What of a plot's identity goes into a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Nothing: no address, Mode 3/A code, identification, nor that a transponder replied.
    Withheld,
    /// All of it.
    Used,
}

impl Identity {
    /// The word for it, which also tells the epochs of replays apart.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Withheld => "withheld",
            Self::Used => "used",
        }
    }
}

impl FromStr for Identity {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let known = [Self::Withheld, Self::Used];
        known.into_iter().find(|known| known.name() == name).ok_or_else(|| Error::Setting {
            setting: "identity".into(),
            value: name.into(),
            limit: "one of withheld, used".into(),
            remedy: "withhold it to score a tracker against the addresses".into(),
        })
    }
}

/// The plots of one radar, turn by turn and within a turn by time.
#[derive(Clone, Debug, PartialEq)]
pub struct Scans {
    /// The plots, with their identity.
    pub plots: Vec<Detection>,
    /// What else each plot's record says; same length.
    pub details: Vec<PlotDetail>,
    /// Turn `k` is `plots[starts[k]..starts[k + 1]]`.
    pub starts: Vec<usize>,
    /// End of each turn \[ns\], not before the time of any of its plots.
    pub end_times_ns: Vec<i64>,
    /// The radar.
    pub source: Source,
    /// Rotation period \[s\].
    pub rotation_period_s: f64,
    /// Instrumented range \[m\].
    pub max_range_m: f64,
    /// Edge of the cone of silence \[deg\].
    pub max_elevation_deg: f64,
    /// Plots of other radars, left out.
    pub other_plots: usize,
    /// North markers and sector messages that contradict the plots, left out.
    pub refused_markers: usize,
    /// Bearing of the first and last look \[deg\]: the first and last turn are not whole.
    limits_deg: [f64; 2],
}

impl Scans {
    /// Number of turns.
    pub fn len(&self) -> usize {
        self.end_times_ns.len()
    }

    /// True without any turn.
    pub fn is_empty(&self) -> bool {
        self.end_times_ns.is_empty()
    }

    /// The frame of turn `number`; none past the last.
    pub fn frame(&self, number: usize, identity: Identity, epoch: u64) -> Option<Frame> {
        let time_ns = *self.end_times_ns.get(number)?;
        let plots = self.plots.get(*self.starts.get(number)?..*self.starts.get(number + 1)?)?;
        let mut detections = plots.to_vec();
        if identity == Identity::Withheld {
            detections.iter_mut().for_each(Detection::strip_identity);
        }
        let header = FrameHeader {
            sensor_id: *self.source.sensor_id().as_bytes(),
            epoch,
            number: number as u64,
            time_ns,
            range_band: range_band::UNSPECIFIED,
            coverage: self.coverage(number),
            sensor_position_m: [0.0; 3],
            sensor_velocity_m_s: [0.0; 3],
        };
        Some(Frame { header, detections })
    }

    fn coverage(&self, number: usize) -> Coverage {
        let start_deg = if number == 0 { self.limits_deg[0] } else { 0.0 };
        let end_deg = if number + 1 == self.len() { self.limits_deg[1] } else { 360.0 };
        Coverage {
            min_range_m: 0.0,
            max_range_m: self.max_range_m,
            bearing_start_deg: start_deg,
            bearing_extent_deg: (end_deg - start_deg).max(0.0),
            min_elevation_deg: MIN_ELEVATION_DEG,
            max_elevation_deg: self.max_elevation_deg,
        }
    }
}

/// Cut the plots of one radar into turns that begin at north.
///
/// # Errors
/// [`Error::Setting`] when the recording holds no plot of the source, or several sources and none
/// is chosen, or when the rotation period is neither given nor told by the recording.
pub fn cut(recording: &Recording, options: ScanOptions) -> Result<Scans> {
    let source = choose_source(&recording.details, options.source)?;
    let looks = looks(recording, source);
    let of_source = |message: &&ServiceMessage| source == Source::of(message.sac, message.sic);
    let services: Vec<&ServiceMessage> = recording.services.iter().filter(of_source).collect();
    let rotation_period_s = period_s(&looks, &services, options.rotation_period_s)?;
    let max_range_m = match options.max_range_m {
        Some(max_range_m) => given_range(max_range_m)?,
        None => furthest_m(recording, &looks),
    };
    let max_elevation_deg = given_elevation(options.max_elevation_deg)?;
    let (turned, refused_markers) = count_turns(&looks, &services, rotation_period_s);
    let mut scans = Scans {
        plots: Vec::with_capacity(turned.len()),
        details: Vec::with_capacity(turned.len()),
        starts: Vec::new(),
        end_times_ns: Vec::new(),
        source,
        rotation_period_s,
        max_range_m,
        max_elevation_deg,
        other_plots: recording.plots.len() - turned.len(),
        refused_markers,
        limits_deg: [0.0, 360.0],
    };
    fill(recording, &turned, &mut scans);
    Ok(scans)
}

/// The period given, else the one the radar announces, else the one its plots tell.
fn period_s(looks: &[Look], services: &[&ServiceMessage], given: Option<f64>) -> Result<f64> {
    if let Some(period_s) = given {
        return given_period(period_s);
    }
    if let Some(period_s) = announced_period_s(services) {
        return Ok(period_s);
    }
    let pointings: Vec<Pointing> = looks.iter().map(|look| look.pointing).collect();
    estimate_period_s(&pointings)
}

/// Range of the furthest plot, up to the next nautical mile.
fn furthest_m(recording: &Recording, looks: &[Look]) -> f64 {
    let ranges_m = looks.iter().map(|look| recording.plots[look.index].range_m);
    (ranges_m.fold(0.0, f64::max) / M_PER_NM).ceil().max(1.0) * M_PER_NM
}

fn given_period(period_s: f64) -> Result<f64> {
    plausible_period(period_s).ok_or_else(|| Error::Setting {
        setting: "rotation_period_s".into(),
        value: period_s.to_string(),
        limit: format!("{} to {} s", PERIOD_LIMITS_S[0], PERIOD_LIMITS_S[1]),
        remedy: "give the time of one turn in seconds".into(),
    })
}

fn given_elevation(max_elevation_deg: Option<f64>) -> Result<f64> {
    let given_deg = max_elevation_deg.unwrap_or(MAX_ELEVATION_DEG);
    if given_deg > 0.0 && given_deg <= 90.0 {
        return Ok(given_deg);
    }
    Err(Error::Setting {
        setting: "max_elevation_deg".into(),
        value: given_deg.to_string(),
        limit: "above 0, at most 90 deg".into(),
        remedy: "give the edge of the cone of silence in degrees".into(),
    })
}

fn given_range(max_range_m: f64) -> Result<f64> {
    if max_range_m.is_finite() && max_range_m > 0.0 {
        return Ok(max_range_m);
    }
    Err(Error::Setting {
        setting: "max_range_m".into(),
        value: max_range_m.to_string(),
        limit: "finite and above 0 m".into(),
        remedy: "give the radar's instrumented range in metres".into(),
    })
}

/// Lay the plots down turn by turn, and give every silent turn between them its empty place.
fn fill(recording: &Recording, turned: &[TurnedPlot], scans: &mut Scans) {
    let (Some(first), Some(last)) = (turned.first(), turned.last()) else { return };
    scans.limits_deg = [first.turned_deg.rem_euclid(360.0), last.turned_deg.rem_euclid(360.0)];
    let period_ns = (scans.rotation_period_s * 1e9) as i64;
    let mut latest: Option<i64> = None;
    for turn in turned.chunk_by(|a, b| a.turn == b.turn) {
        let silent = latest.map_or(0, |latest| turn[0].turn - latest - 1);
        latest = Some(turn[0].turn);
        let silent = if silent > MAX_SILENT_TURNS { 0 } else { silent };
        let mut end_ns = turn.last().map_or(0, |plot| plot.turn_end_ns);
        for turns_before in (1..=silent).rev() {
            begin_turn(scans, end_ns - turns_before * period_ns);
        }
        for plot in turn {
            end_ns = end_ns.max(recording.plots[plot.index].time_ns);
        }
        begin_turn(scans, end_ns);
        scans.plots.extend(turn.iter().map(|plot| recording.plots[plot.index]));
        scans.details.extend(turn.iter().map(|plot| recording.details[plot.index]));
    }
    scans.starts.push(scans.plots.len());
}

/// A turn that ends at `end_ns`, or with the turn before it if that is later.
fn begin_turn(scans: &mut Scans, end_ns: i64) {
    let before_ns = scans.end_times_ns.last().copied().unwrap_or(end_ns);
    scans.starts.push(scans.plots.len());
    scans.end_times_ns.push(end_ns.max(before_ns));
}
