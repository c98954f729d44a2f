//! The part of the scenario document that describes how radars look round.

use serde::Deserialize;

/// How a radar looks round; exactly one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScanDocument {
    /// The whole coverage at once.
    Staring {
        /// Time from look to look \[s\].
        period_s: f64,
    },
    /// A turning antenna, sector by sector.
    Rotating(RotatingDocument),
    /// An electronically steered antenna, beam by beam, from the first to the last and again.
    Steered {
        /// The beams, in the order of time.
        beams: Vec<BeamDocument>,
    },
}

/// A turning antenna. One frame is one sector.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotatingDocument {
    /// Time of one turn \[s\].
    pub rotation_period_s: f64,
    /// Frames of one turn.
    pub sectors: u32,
    /// Where the first frame begins \[deg\], clockwise from the boresight.
    #[serde(default)]
    pub start_bearing_deg: f64,
    /// Which way it turns, seen from above.
    #[serde(default = "is_clockwise")]
    pub clockwise: bool,
}

const fn is_clockwise() -> bool {
    true
}

/// One beam of a steered antenna.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeamDocument {
    /// Its centre \[deg\], clockwise from the boresight.
    pub bearing_deg: f64,
    /// Its centre \[deg\], up from the boresight.
    #[serde(default)]
    pub elevation_deg: f64,
    /// Width in bearing at half power \[deg\]; left out, that of the bearing measurement.
    #[serde(default)]
    pub bearing_width_deg: Option<f64>,
    /// Width in elevation at half power \[deg\]; left out, that of the elevation measurement.
    #[serde(default)]
    pub elevation_width_deg: Option<f64>,
    /// How long it stays \[s\].
    pub dwell_s: f64,
}
