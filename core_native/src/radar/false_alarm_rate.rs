//! How many false alarms a radar has: a number, or what noise makes in its resolution cells.
//!
//! The threshold is exceeded in each cell with the same probability Pfa and independently of the
//! others, so the number of false alarms in n cells has mean Pfa n and is, for small Pfa, Poisson:
//! M. A. Richards, "Fundamentals of Radar Signal Processing", 2nd ed. (2014), section 6.3.

use crate::frame::Coverage;
use crate::radar::checked_detection::MAX_FALSE_ALARMS;
use crate::radar::scan::Scan;
use crate::scene::false_alarms_document::FalseAlarmsDocument;
use crate::scene::place::Place;
use crate::scene::sensor_document::SensorDocument;

/// How many false alarms a radar has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FalseAlarmRate {
    /// So many in a frame, in the mean.
    PerFrame(f64),
    /// Each look its own, by the cells that it looks at.
    FromCells(CellRate),
}

/// How large the cells are, and how likely a false alarm in one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellRate {
    /// Probability of a false alarm in one cell.
    pub false_alarm_probability: f64,
    /// Length of a cell \[m\].
    pub range_m: f64,
    /// Width of a cell \[deg\].
    pub bearing_deg: f64,
    /// Height of a cell \[deg\]; none where elevation is not measured.
    pub elevation_deg: Option<f64>,
    /// Range rate cells of the filter bank; 1 where range rate is not measured.
    pub range_rate_cells: f64,
}

impl CellRate {
    /// The cells of a sensor whose filter bank ends at `range_rate_limit_m_s`.
    fn new(document: &SensorDocument, range_rate_limit_m_s: f64) -> Self {
        let rate = document.range_rate.as_ref();
        Self {
            false_alarm_probability: document.detection.false_alarm_probability,
            range_m: document.range.resolution_m,
            bearing_deg: document.bearing.beamwidth_deg,
            elevation_deg: document.elevation.as_ref().map(|entry| entry.beamwidth_deg),
            range_rate_cells: rate.map_or(1.0, |it| 2.0 * range_rate_limit_m_s / it.resolution_m_s),
        }
    }

    /// Number of cells in `coverage`. Parts of cells count as parts, so that the sectors of a turn
    /// have as many together as the whole turn.
    pub fn cells(&self, coverage: &Coverage) -> f64 {
        let depth_m = coverage.max_range_m - coverage.min_range_m;
        let height_deg = coverage.max_elevation_deg - coverage.min_elevation_deg;
        let elevation_cells = self.elevation_deg.map_or(1.0, |cell_deg| height_deg / cell_deg);
        let bearing_cells = coverage.bearing_extent_deg / self.bearing_deg;
        depth_m / self.range_m * bearing_cells * elevation_cells * self.range_rate_cells
    }

    /// Mean number of false alarms of one look at `coverage`.
    pub fn false_alarms(&self, coverage: &Coverage) -> f64 {
        self.false_alarm_probability * self.cells(coverage)
    }
}

impl FalseAlarmRate {
    /// Check what `document` says; `place` is that of the sensor. Gives the mean number per frame
    /// as well, of frames of different beams the mean over a cycle, and that of the largest frame.
    pub fn from_document(
        place: &Place<'_>,
        document: &SensorDocument,
        scan: &Scan,
        coverage: &Coverage,
        range_rate_limit_m_s: f64,
    ) -> (Self, f64, f64) {
        let place = place.key("detection");
        let place = place.key("false_alarms_per_frame");
        if let FalseAlarmsDocument::PerFrame(count) = document.detection.false_alarms_per_frame {
            place.number(count, 0.0, MAX_FALSE_ALARMS);
            return (Self::PerFrame(count), count, count);
        }
        let rate = CellRate::new(document, range_rate_limit_m_s);
        let [mean, largest] = per_frame(&rate, scan, coverage);
        (Self::FromCells(rate), mean, largest)
    }
}

/// Refuse cells that make more false alarms than a frame may have, `most` in its largest frame.
pub fn check_false_alarms(place: &Place<'_>, document: &SensorDocument, most: f64) {
    let detection = &document.detection;
    if matches!(detection.false_alarms_per_frame, FalseAlarmsDocument::PerFrame(_))
        || most <= MAX_FALSE_ALARMS
    {
        return;
    }
    let probability = detection.false_alarm_probability;
    let cells = most / probability;
    place.key("detection").key("false_alarms_per_frame").problem(format!(
        "is from_cells, {most:.3e} in a frame of {cells:.3e} cells with a probability of \
         {probability:e} each, must be at most {MAX_FALSE_ALARMS}: lower false_alarm_probability, \
         narrow the coverage or give a number"
    ));
}

/// Mean number of false alarms per frame: the mean over all frames, and that of the largest.
fn per_frame(rate: &CellRate, scan: &Scan, coverage: &Coverage) -> [f64; 2] {
    match scan {
        Scan::Staring(staring) => [f64::from(staring.looks) * rate.false_alarms(coverage); 2],
        Scan::Rotating(rotation) => {
            let bearing_extent_deg = rotation.width_deg();
            [rate.false_alarms(&Coverage { bearing_extent_deg, ..*coverage }); 2]
        }
        Scan::Steered(list) => {
            let frames = list.frames.iter().map(|frame| {
                let beams = list.beams[frame.beams.clone()].iter();
                let once: f64 = beams.map(|beam| rate.false_alarms(&beam.coverage)).sum();
                f64::from(list.passes) * once
            });
            let means: Vec<f64> = frames.collect();
            let sum: f64 = means.iter().sum();
            [sum / means.len() as f64, means.into_iter().fold(0.0, f64::max)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_fill_the_coverage() {
        let coverage = Coverage {
            min_range_m: 1000.0,
            max_range_m: 4000.0,
            bearing_start_deg: 350.0,
            bearing_extent_deg: 30.0,
            min_elevation_deg: -2.0,
            max_elevation_deg: 10.0,
        };
        let mut rate = CellRate {
            false_alarm_probability: 1e-3,
            range_m: 150.0,
            bearing_deg: 1.5,
            elevation_deg: Some(4.0),
            range_rate_cells: 50.0,
        };
        assert_eq!(rate.cells(&coverage), 20.0 * 20.0 * 3.0 * 50.0);
        assert_eq!(rate.false_alarms(&coverage), 60.0);
        rate.elevation_deg = None;
        rate.range_rate_cells = 1.0;
        assert_eq!(rate.cells(&coverage), 400.0);
    }
}
