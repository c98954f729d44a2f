//! What goes wrong with a radar on request, checked: nothing unless the scenario or a command asks.

use crate::scene::fault_document::{BiasDocument, FaultDocument, FaultKindDocument};
use crate::scene::place::Place;
use crate::scene::scenario::{MAX_POSITION_M, MAX_SPEED_M_S, MAX_TIME_S};

/// Most faults of one radar.
pub const MAX_FAULTS: usize = 1000;
/// Worst noise, over the one reported.
pub const MAX_NOISE_FACTOR: f64 = 1000.0;
/// Longest delay and largest jump of a clock \[s\].
pub const MAX_SHIFT_S: f64 = 3600.0;

/// One fault and the time in which it acts, counted from the start of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Begin \[ns\].
    pub from_ns: i64,
    /// End \[ns\], not included.
    pub until_ns: i64,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultKind {
    /// It looks nowhere.
    Off,
    /// It repeats the last frame before the fault.
    Stuck,
    /// Every measurement is too large by this.
    Bias {
        /// Range \[m\].
        range_m: f64,
        /// Bearing \[deg\].
        bearing_deg: f64,
        /// Elevation \[deg\].
        elevation_deg: f64,
        /// Range rate \[m/s\].
        range_rate_m_s: f64,
    },
    /// Standard deviation of the errors over the one reported.
    Noisy {
        /// At least 1.
        factor: f64,
    },
    /// Times are too large by this \[ns\].
    ClockJump {
        /// Negative when they are too small.
        jump_ns: i64,
    },
    /// Frames arrive late.
    Late {
        /// Probability that a frame does.
        probability: f64,
        /// By how much \[ns\].
        delay_ns: i64,
    },
    /// Frames arrive twice.
    Duplicated {
        /// Probability that a frame does.
        probability: f64,
    },
    /// Frames arrive after the one that follows them.
    Reordered {
        /// Probability that a frame does.
        probability: f64,
    },
}

impl Fault {
    /// Check the documents of a radar's faults.
    pub fn from_documents(place: &Place<'_>, documents: &[FaultDocument]) -> Vec<Self> {
        place.length(documents.len(), 0, MAX_FAULTS);
        let faults = documents.iter().take(MAX_FAULTS).enumerate();
        faults.map(|(index, entry)| Self::from_document(&place.index(index), entry)).collect()
    }

    /// Check the document of one fault.
    pub fn from_document(place: &Place<'_>, document: &FaultDocument) -> Self {
        let is_right = place.key("from_s").number(document.from_s, 0.0, MAX_TIME_S);
        if let Some(until_s) = document.until_s {
            let least_s = if is_right { document.from_s } else { 0.0 };
            place.key("until_s").number(until_s, least_s, MAX_TIME_S);
        }
        Self {
            from_ns: nanoseconds(document.from_s),
            until_ns: document.until_s.map_or(i64::MAX, nanoseconds),
            kind: kind(&place.key("fault"), &document.fault),
        }
    }

    /// Whether it acts at `elapsed_ns` after the start of the run.
    pub fn acts_at(&self, elapsed_ns: i128) -> bool {
        i128::from(self.from_ns) <= elapsed_ns && elapsed_ns < i128::from(self.until_ns)
    }
}

/// Out of its limits, which have been reported then, it saturates.
fn nanoseconds(seconds: f64) -> i64 {
    libm::round(seconds * 1e9) as i64
}

fn kind(place: &Place<'_>, document: &FaultKindDocument) -> FaultKind {
    match document {
        FaultKindDocument::Off => FaultKind::Off,
        FaultKindDocument::Stuck => FaultKind::Stuck,
        FaultKindDocument::Bias(entry) => bias(&place.key("bias"), entry),
        FaultKindDocument::Noisy { factor } => {
            place.key("noisy").key("factor").number(*factor, 1.0, MAX_NOISE_FACTOR);
            FaultKind::Noisy { factor: *factor }
        }
        FaultKindDocument::ClockJump { jump_s } => {
            place.key("clock_jump").key("jump_s").number(*jump_s, -MAX_SHIFT_S, MAX_SHIFT_S);
            FaultKind::ClockJump { jump_ns: nanoseconds(*jump_s) }
        }
        FaultKindDocument::Late { probability, delay_s } => {
            let place = place.key("late");
            place.key("delay_s").number(*delay_s, 0.0, MAX_SHIFT_S);
            let probability = checked_probability(&place, *probability);
            FaultKind::Late { probability, delay_ns: nanoseconds(*delay_s) }
        }
        FaultKindDocument::Duplicated { probability } => {
            let probability = checked_probability(&place.key("duplicated"), *probability);
            FaultKind::Duplicated { probability }
        }
        FaultKindDocument::Reordered { probability } => {
            let probability = checked_probability(&place.key("reordered"), *probability);
            FaultKind::Reordered { probability }
        }
    }
}

fn bias(place: &Place<'_>, document: &BiasDocument) -> FaultKind {
    let BiasDocument { range_m, bearing_deg, elevation_deg, range_rate_m_s } = *document;
    place.key("range_m").number(range_m, -MAX_POSITION_M, MAX_POSITION_M);
    place.key("bearing_deg").number(bearing_deg, -360.0, 360.0);
    place.key("elevation_deg").number(elevation_deg, -180.0, 180.0);
    place.key("range_rate_m_s").number(range_rate_m_s, -MAX_SPEED_M_S, MAX_SPEED_M_S);
    FaultKind::Bias { range_m, bearing_deg, elevation_deg, range_rate_m_s }
}

fn checked_probability(place: &Place<'_>, probability: f64) -> f64 {
    place.key("probability").number(probability, 0.0, 1.0);
    probability
}
