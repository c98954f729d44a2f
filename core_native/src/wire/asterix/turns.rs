//! Which turn of the antenna saw a plot.

use super::Recording;
use super::antenna::{Antenna, Pointing, plausible_period};
use super::plot_detail::PlotDetail;
use super::service::{ServiceMessage, message_type};
use super::source::Source;

/// A north marker or sector message further from the plots' antenna than this is not believed.
const MARKER_LIMIT_DEG: f64 = 45.0;

/// A plot's place in the recording and where the antenna pointed.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub pointing: Pointing,
    pub index: usize,
}

/// A plot and what the antenna had turned when it saw it.
pub(super) struct TurnedPlot {
    pub turn: i64,
    pub turned_deg: f64,
    pub index: usize,
    /// When the antenna ends this turn \[ns\], as seen from this plot.
    pub turn_end_ns: i64,
}

/// The plots of `source` in order of time.
pub(super) fn looks(recording: &Recording, source: Source) -> Vec<Look> {
    let own = |(index, detail): (usize, &PlotDetail)| {
        let plot = &recording.plots[index];
        let pointing = Pointing { time_ns: plot.time_ns, bearing_deg: plot.bearing_deg };
        (Source::of(detail.sac, detail.sic) == source).then_some(Look { pointing, index })
    };
    let mut looks: Vec<Look> = recording.details.iter().enumerate().filter_map(own).collect();
    looks.sort_by_key(|look| (look.pointing.time_ns, look.index));
    looks
}

/// Median of the announced periods (I034/041), else of the time between north markers.
pub(super) fn announced_period_s(services: &[&ServiceMessage]) -> Option<f64> {
    let announced = services.iter().map(|message| message.rotation_period_s);
    let north = services.iter().filter(|m| m.message_type == message_type::NORTH_MARKER);
    let times_s: Vec<f64> = north.map(|message| message.time_ns as f64 * 1e-9).collect();
    let between = times_s.windows(2).map(|pair| pair[1] - pair[0]);
    median(announced).or_else(|| median(between))
}

fn median(periods_s: impl Iterator<Item = f64>) -> Option<f64> {
    let mut plausible: Vec<f64> = periods_s.filter_map(plausible_period).collect();
    plausible.sort_by(f64::total_cmp);
    plausible.get(plausible.len() / 2).copied()
}

/// Bearings that the radar itself announces: north and the starts of sectors, in order of time.
fn markers(services: &[&ServiceMessage]) -> Vec<Pointing> {
    let bearing_deg = |message: &ServiceMessage| match message.message_type {
        message_type::NORTH_MARKER => Some(0.0),
        message_type::SECTOR_CROSSING => Some(message.sector_azimuth_deg).filter(|b| b.is_finite()),
        _ => None,
    };
    let pointing = |message: &&ServiceMessage| {
        Some(Pointing { time_ns: message.time_ns, bearing_deg: bearing_deg(message)? })
    };
    let mut markers: Vec<Pointing> = services.iter().filter_map(pointing).collect();
    markers.sort_by_key(|marker| marker.time_ns);
    markers
}

/// Follow the antenna through plots and markers in order of time: the plots by turn and within a
/// turn by time, and the number of markers that were not believed.
pub(super) fn count_turns(
    looks: &[Look],
    services: &[&ServiceMessage],
    period_s: f64,
) -> (Vec<TurnedPlot>, usize) {
    let Some(first) = looks.first() else { return (Vec::new(), 0) };
    let mut antenna = Antenna::new(period_s, first.pointing);
    let mut refused_markers = 0;
    let markers = markers(services);
    let mut markers = markers.iter().filter(|m| m.time_ns >= first.pointing.time_ns).peekable();
    let mut turned = Vec::with_capacity(looks.len());
    for look in looks {
        while let Some(marker) = markers.next_if(|m| m.time_ns <= look.pointing.time_ns) {
            if antenna.difference_deg(*marker).abs() > MARKER_LIMIT_DEG {
                refused_markers += 1;
            } else {
                antenna.observe(*marker);
            }
        }
        let turned_deg = antenna.observe(look.pointing);
        let turn = (turned_deg / 360.0).floor();
        let turn_end_ns = antenna.time_at_ns((turn + 1.0) * 360.0);
        turned.push(TurnedPlot { turn: turn as i64, turned_deg, index: look.index, turn_end_ns });
    }
    // The sort is stable, so a turn's plots stay in order of time.
    turned.sort_by_key(|plot| plot.turn);
    (turned, refused_markers)
}
