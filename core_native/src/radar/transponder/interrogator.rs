//! The parameters of a radar's interrogator, checked.

use crate::radar::sensor::{MAX_BEAMWIDTH_DEG, RESOLUTION_LIMITS};
use crate::scene::place::Place;
use crate::scene::transponder_document::InterrogatorDocument;

/// Most replies to other interrogators in one frame, in the mean.
pub const MAX_FRUIT: f64 = 1e4;
/// Largest standard deviation of the bearing of a secondary plot \[deg\].
pub const MAX_BEARING_STD_DEG: f64 = 10.0;
/// Smallest one \[deg\].
pub const MIN_BEARING_STD_DEG: f64 = 1e-4;
/// Standard deviation of the range of a secondary plot where none is given \[m\].
pub const DEFAULT_RANGE_STD_M: f64 = 30.0;
/// The same of the bearing \[deg\].
pub const DEFAULT_BEARING_STD_DEG: f64 = 0.08;
/// Width of the interrogating beam where none is given \[deg\].
pub const DEFAULT_BEAMWIDTH_DEG: f64 = 2.4;

/// How a radar asks transponders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interrogator {
    /// Probability that a reply is heard in one look.
    pub reply_probability: f64,
    /// Whether a reply without an echo makes a plot.
    pub secondary_plots: bool,
    /// Standard deviation of the range of such a plot \[m\].
    pub range_std_m: f64,
    /// Standard deviation of its bearing \[deg\].
    pub bearing_std_deg: f64,
    /// Width of the interrogating beam \[deg\].
    pub beamwidth_deg: f64,
    /// Whether overlapping replies add their pulses.
    pub garble: bool,
    /// Probability that a pulse of a code is read wrong.
    pub pulse_error_probability: f64,
    /// Mean number of replies to other interrogators in a frame, after the defruiter.
    pub fruit_per_frame: f64,
    /// Probability that two plots of a frame change their identities.
    pub identity_swap_probability: f64,
}

impl Interrogator {
    /// One that hears every reply as it was sent.
    pub const IDEAL: Self = Self {
        reply_probability: 1.0,
        secondary_plots: false,
        range_std_m: DEFAULT_RANGE_STD_M,
        bearing_std_deg: DEFAULT_BEARING_STD_DEG,
        beamwidth_deg: DEFAULT_BEAMWIDTH_DEG,
        garble: false,
        pulse_error_probability: 0.0,
        fruit_per_frame: 0.0,
        identity_swap_probability: 0.0,
    };

    /// Check the document of an interrogator.
    pub fn from_document(place: &Place<'_>, document: &InterrogatorDocument) -> Self {
        let probability = |name, value| _ = place.key(name).number(value, 0.0, 1.0);
        probability("reply_probability", document.reply_probability);
        probability("pulse_error_probability", document.pulse_error_probability);
        probability("identity_swap_probability", document.identity_swap_probability);
        let [finest_m, coarsest_m] = RESOLUTION_LIMITS;
        place.key("range_std_m").number(document.range_std_m, finest_m, coarsest_m);
        let [finest_deg, coarsest_deg] = [MIN_BEARING_STD_DEG, MAX_BEARING_STD_DEG];
        place.key("bearing_std_deg").number(document.bearing_std_deg, finest_deg, coarsest_deg);
        place.key("beamwidth_deg").number(document.beamwidth_deg, 1e-3, MAX_BEAMWIDTH_DEG);
        let is_fruit_right =
            place.key("fruit_per_frame").number(document.fruit_per_frame, 0.0, MAX_FRUIT);
        let hears_fruit = is_fruit_right && !document.defruiter;
        Self {
            reply_probability: document.reply_probability,
            secondary_plots: document.secondary_plots,
            range_std_m: document.range_std_m,
            bearing_std_deg: document.bearing_std_deg,
            beamwidth_deg: document.beamwidth_deg,
            garble: document.garble,
            pulse_error_probability: document.pulse_error_probability,
            fruit_per_frame: if hears_fruit { document.fruit_per_frame } else { 0.0 },
            identity_swap_probability: document.identity_swap_probability,
        }
    }
}
