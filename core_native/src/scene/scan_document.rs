//! The part of the scenario document that describes how radars look round.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::radar::beam_list::{DWELL_LIMITS_S, MAX_BEAMS, WIDTH_LIMITS_DEG};
use crate::radar::scan::{MAX_SECTORS, PERIOD_LIMITS_S, ROTATION_LIMITS_S};

/// How a radar looks round; exactly one kind.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScanDocument {
    /// The whole coverage at once.
    Staring {
        /// Time from look to look \[s\].
        #[schemars(range(min = PERIOD_LIMITS_S[0], max = PERIOD_LIMITS_S[1]))]
        period_s: f64,
    },
    /// A turning antenna, sector by sector.
    Rotating(RotatingDocument),
    /// An electronically steered antenna, beam by beam, from the first to the last and again.
    Steered {
        /// The beams, in the order of time.
        #[schemars(length(min = 1, max = MAX_BEAMS))]
        beams: Vec<BeamDocument>,
    },
}

/// A turning antenna. One frame is one sector.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotatingDocument {
    /// Time of one turn \[s\].
    #[schemars(range(min = ROTATION_LIMITS_S[0], max = ROTATION_LIMITS_S[1]))]
    pub rotation_period_s: f64,
    /// Frames of one turn.
    #[schemars(range(min = 1, max = MAX_SECTORS))]
    pub sectors: u32,
    /// Where the first frame begins \[deg\], clockwise from the boresight.
    #[serde(default)]
    #[schemars(range(min = 0.0), extend("exclusiveMaximum" = 360.0))]
    pub start_bearing_deg: f64,
    /// Which way it turns, seen from above.
    #[serde(default = "is_clockwise")]
    pub clockwise: bool,
}

const fn is_clockwise() -> bool {
    true
}

/// One beam of a steered antenna.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeamDocument {
    /// Its centre \[deg\], clockwise from the boresight.
    #[schemars(range(min = -360.0, max = 360.0))]
    pub bearing_deg: f64,
    /// Its centre \[deg\], up from the boresight.
    #[serde(default)]
    #[schemars(range(min = -90.0, max = 90.0))]
    pub elevation_deg: f64,
    /// Width in bearing at half power \[deg\]; left out, that of the bearing measurement.
    #[serde(default)]
    #[schemars(range(min = WIDTH_LIMITS_DEG[0], max = WIDTH_LIMITS_DEG[1]))]
    pub bearing_width_deg: Option<f64>,
    /// Width in elevation at half power \[deg\]; left out, that of the elevation measurement.
    #[serde(default)]
    #[schemars(range(min = WIDTH_LIMITS_DEG[0], max = WIDTH_LIMITS_DEG[1]))]
    pub elevation_width_deg: Option<f64>,
    /// How long it stays \[s\].
    #[schemars(range(min = DWELL_LIMITS_S[0], max = DWELL_LIMITS_S[1]))]
    pub dwell_s: f64,
}
