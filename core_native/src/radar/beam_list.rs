//! The beams of an electronically steered antenna, and the frames that they make.
//!
//! A frame is one beam, or several that are too short for one each: then they must stand side by
//! side or one above the other, so that the frame's coverage is exactly what they looked at.

use std::ops::Range;

use crate::frame::Coverage;
use crate::numeric::wrap_360;
use crate::radar::scan::{MIN_FRAME_NS, looks_of};
use crate::scene::place::Place;
use crate::scene::scan_document::BeamDocument;
use crate::scene::sensor_document::SensorDocument;

/// Most beams of a list.
pub const MAX_BEAMS: usize = 10_000;
/// Shortest and longest dwell \[s\].
pub const DWELL_LIMITS_S: [f64; 2] = [1e-3, 3600.0];
/// Narrowest and widest beam \[deg\].
pub const WIDTH_LIMITS_DEG: [f64; 2] = [1e-3, 90.0];
/// Angles closer than this are one \[deg\].
const SAME_DEG: f64 = 1e-9;

/// One beam, from the boresight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beam {
    /// Its centre \[deg\].
    pub bearing_deg: f64,
    /// Its centre \[deg\].
    pub elevation_deg: f64,
    /// Width in bearing at half power \[deg\].
    pub bearing_width_deg: f64,
    /// Width in elevation at half power \[deg\].
    pub elevation_width_deg: f64,
    /// How long it stays \[ns\].
    pub dwell_ns: i64,
    /// What it looks at: up to half power.
    pub coverage: Coverage,
}

impl Beam {
    /// What stands for the beams of a list that has been refused.
    const fn instead_of_refused(coverage: &Coverage) -> Self {
        Self {
            bearing_deg: 0.0,
            elevation_deg: 0.0,
            bearing_width_deg: 1.0,
            elevation_width_deg: 1.0,
            dwell_ns: MIN_FRAME_NS,
            coverage: *coverage,
        }
    }
}

/// The beams of one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct BeamFrame {
    /// Which beams.
    pub beams: Range<usize>,
    /// How long they take together, once \[ns\].
    pub dwell_ns: i64,
    /// When the last one ends, from the begin of the pass \[ns\].
    end_ns: i64,
    /// What they look at together, from the boresight.
    pub coverage: Coverage,
}

/// Beams that are gone through again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct BeamList {
    /// The beams, in the order of time.
    pub beams: Vec<Beam>,
    /// The frames of a cycle.
    pub frames: Vec<BeamFrame>,
    /// How often the list is gone through in a cycle; more than once only where all is one frame.
    pub passes: u32,
    /// Duration of a cycle \[ns\].
    pub cycle_ns: i64,
}

impl BeamList {
    /// Check the list at `place` of a radar whose coverage holds every beam.
    pub fn from_document(
        place: &Place<'_>,
        documents: &[BeamDocument],
        sensor: &SensorDocument,
        coverage: &Coverage,
    ) -> Self {
        let mut beams = Vec::new();
        let are_right = place.holds(|| {
            place.length(documents.len(), 1, MAX_BEAMS);
            let listed = documents.iter().take(MAX_BEAMS).enumerate();
            let check = |(index, entry)| beam(&place.index(index), entry, sensor, coverage);
            beams = listed.filter_map(check).collect();
        });
        if !are_right {
            beams = vec![Beam::instead_of_refused(coverage)];
        }
        let pass_ns: i64 = beams.iter().map(|beam| beam.dwell_ns).sum();
        let frames = frames(place, &beams, pass_ns);
        let passes = if frames.len() == 1 { looks_of(pass_ns) } else { 1 };
        Self { beams, frames, passes, cycle_ns: pass_ns * i64::from(passes) }
    }

    /// Cycles before frame `number`, and its beams.
    pub fn frame(&self, number: u64) -> (u64, &BeamFrame) {
        let count = self.frames.len() as u64;
        (number / count, &self.frames[(number % count) as usize])
    }

    /// Time of frame `number` after that of frame 0 \[ns\].
    pub fn elapsed_ns(&self, number: u64) -> i128 {
        let (cycles, frame) = self.frame(number);
        i128::from(cycles) * i128::from(self.cycle_ns)
            + i128::from(frame.end_ns - self.frames[0].end_ns)
    }
}

fn beam(
    place: &Place<'_>,
    document: &BeamDocument,
    sensor: &SensorDocument,
    coverage: &Coverage,
) -> Option<Beam> {
    let BeamDocument { bearing_deg, elevation_deg, dwell_s, .. } = *document;
    let [narrowest, widest] = WIDTH_LIMITS_DEG;
    let measured = sensor.elevation.as_ref().map(|entry| entry.beamwidth_deg);
    let Some(elevation_width_deg) = document.elevation_width_deg.or(measured) else {
        let reason = "is missing: a radar that measures no elevation has no width to take for it";
        place.key("elevation_width_deg").problem(reason);
        return None;
    };
    let bearing_width_deg = document.bearing_width_deg.unwrap_or(sensor.bearing.beamwidth_deg);
    let are_right = place.holds(|| {
        place.key("bearing_deg").number(bearing_deg, -360.0, 360.0);
        place.key("elevation_deg").number(elevation_deg, -90.0, 90.0);
        place.key("dwell_s").number(dwell_s, DWELL_LIMITS_S[0], DWELL_LIMITS_S[1]);
        place.key("bearing_width_deg").number(bearing_width_deg, narrowest, widest);
        place.key("elevation_width_deg").number(elevation_width_deg, narrowest, widest);
    });
    if !are_right {
        return None;
    }
    let mut beam = Beam {
        bearing_deg,
        elevation_deg,
        bearing_width_deg,
        elevation_width_deg,
        dwell_ns: libm::round(dwell_s * 1e9) as i64,
        coverage: Coverage {
            bearing_start_deg: wrap_360(bearing_deg - 0.5 * bearing_width_deg),
            bearing_extent_deg: bearing_width_deg,
            min_elevation_deg: elevation_deg - 0.5 * elevation_width_deg,
            max_elevation_deg: elevation_deg + 0.5 * elevation_width_deg,
            ..*coverage
        },
    };
    check_inside(place, &beam.coverage, coverage);
    // An edge that rounding carried out of the coverage may be past the zenith, which no frame holds.
    beam.coverage.min_elevation_deg = beam.coverage.min_elevation_deg.max(-90.0);
    beam.coverage.max_elevation_deg = beam.coverage.max_elevation_deg.min(90.0);
    Some(beam)
}

/// Refuse a beam that reaches out of the radar's coverage.
fn check_inside(place: &Place<'_>, beam: &Coverage, coverage: &Coverage) {
    let low_deg = coverage.min_elevation_deg - SAME_DEG;
    let high_deg = coverage.max_elevation_deg + SAME_DEG;
    if beam.min_elevation_deg < low_deg || beam.max_elevation_deg > high_deg {
        let [low, high] = [beam.min_elevation_deg, beam.max_elevation_deg];
        let reason = format!("reaches from {low} to {high}, out of coverage.elevation_deg");
        place.key("elevation_deg").problem(reason);
        return;
    }
    let into_deg = wrap_360(beam.bearing_start_deg - coverage.bearing_start_deg + SAME_DEG);
    let extent_deg = coverage.bearing_extent_deg;
    if extent_deg < 360.0 && into_deg + beam.bearing_extent_deg > extent_deg + 2.0 * SAME_DEG {
        let start_deg = beam.bearing_start_deg;
        let width_deg = beam.bearing_extent_deg;
        let reason =
            format!("reaches {width_deg} degrees from {start_deg}, out of the coverage's bearings");
        place.key("bearing_deg").problem(reason);
    }
}

/// Cut the list into frames: each as short as may be, of beams whose union is a sector.
fn frames(place: &Place<'_>, beams: &[Beam], pass_ns: i64) -> Vec<BeamFrame> {
    let dwell_ns = |range: Range<usize>| beams[range].iter().map(|beam| beam.dwell_ns).sum();
    let runs = runs(beams);
    let mut frames: Vec<BeamFrame> = Vec::new();
    let mut end_ns = 0;
    for run in &runs {
        let mut rest_ns: i64 = dwell_ns(run.clone());
        if rest_ns < MIN_FRAME_NS && pass_ns != rest_ns {
            too_short(&place.index(run.start), run, rest_ns);
        }
        let (mut first, mut sum_ns) = (run.start, 0);
        for index in run.clone() {
            sum_ns += beams[index].dwell_ns;
            rest_ns -= beams[index].dwell_ns;
            if rest_ns > 0 && (sum_ns < MIN_FRAME_NS || rest_ns < MIN_FRAME_NS) {
                continue;
            }
            // A part of a sector need not be one: then the frame grows until it and the rest are.
            let is_cut_right = index + 1 == run.end || union(&beams[index + 1..run.end]).is_some();
            let Some(coverage) = union(&beams[first..=index]).filter(|_| is_cut_right) else {
                continue;
            };
            end_ns += sum_ns;
            frames.push(BeamFrame { beams: first..index + 1, dwell_ns: sum_ns, end_ns, coverage });
            (first, sum_ns) = (index + 1, 0);
        }
    }
    frames
}

fn too_short(place: &Place<'_>, run: &Range<usize>, dwell_ns: i64) {
    let (count, dwell_s) = (run.len(), dwell_ns as f64 * 1e-9);
    let shortest_s = MIN_FRAME_NS as f64 * 1e-9;
    place.problem(format!(
        "begins {count} beams of {dwell_s} s that do not join with others to one sector, must be \
         {shortest_s} s at least: dwell longer, or let beams that touch follow each other"
    ));
}

/// The longest stretches of beams whose union is a sector.
fn runs(beams: &[Beam]) -> Vec<Range<usize>> {
    let mut runs: Vec<(Range<usize>, Coverage)> = Vec::new();
    for (index, beam) in beams.iter().enumerate() {
        match runs.last_mut().and_then(|(run, sector)| {
            let wider = joined(sector, &beam.coverage)?;
            Some((run, sector, wider))
        }) {
            Some((run, sector, wider)) => (run.end, *sector) = (index + 1, wider),
            None => runs.push((index..index + 1, beam.coverage)),
        }
    }
    runs.into_iter().map(|(run, _)| run).collect()
}

/// What beams look at together; none where that is no sector.
fn union(beams: &[Beam]) -> Option<Coverage> {
    let first = beams.first()?.coverage;
    beams.iter().try_fold(first, |sector, beam| joined(&sector, &beam.coverage))
}

/// The sector that two make together; none where their union is not one.
fn joined(sector: &Coverage, next: &Coverage) -> Option<Coverage> {
    let same = |a: f64, b: f64| (a - b).abs() <= SAME_DEG;
    let (low_deg, high_deg) = (sector.min_elevation_deg, sector.max_elevation_deg);
    // Just below the start counts as the start.
    let offset_deg =
        wrap_360(next.bearing_start_deg - sector.bearing_start_deg + SAME_DEG) - SAME_DEG;
    let (extent_deg, next_deg) = (sector.bearing_extent_deg, next.bearing_extent_deg);
    if same(low_deg, next.min_elevation_deg) && same(high_deg, next.max_elevation_deg) {
        let end_deg = offset_deg + next_deg;
        if offset_deg <= extent_deg + SAME_DEG {
            let bearing_extent_deg = extent_deg.max(end_deg).min(360.0);
            return Some(Coverage { bearing_extent_deg, ..*sector });
        }
        let before_deg = 360.0 - offset_deg;
        return (end_deg >= 360.0 - SAME_DEG).then(|| Coverage {
            bearing_start_deg: next.bearing_start_deg,
            bearing_extent_deg: (extent_deg + before_deg).min(360.0),
            ..*sector
        });
    }
    let touches = next.min_elevation_deg <= high_deg + SAME_DEG
        && next.max_elevation_deg >= low_deg - SAME_DEG;
    let is_above = same(offset_deg, 0.0) && same(extent_deg, next_deg) && touches;
    is_above.then(|| Coverage {
        min_elevation_deg: low_deg.min(next.min_elevation_deg),
        max_elevation_deg: high_deg.max(next.max_elevation_deg),
        ..*sector
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::problems::Problems;

    fn beam(bearing_deg: f64, width_deg: f64, elevation_deg: f64, dwell_ms: i64) -> Beam {
        Beam {
            bearing_deg,
            elevation_deg,
            bearing_width_deg: width_deg,
            elevation_width_deg: 2.0,
            dwell_ns: dwell_ms * 1_000_000,
            coverage: Coverage {
                bearing_start_deg: wrap_360(bearing_deg - 0.5 * width_deg),
                bearing_extent_deg: width_deg,
                min_elevation_deg: elevation_deg - 1.0,
                max_elevation_deg: elevation_deg + 1.0,
                ..Coverage::sphere(1e4)
            },
        }
    }

    #[test]
    fn every_beam_lies_inside_the_coverage_of_its_frame() {
        for beams in [
            vec![beam(15.0, 30.0, 0.0, 10), beam(15.0, 10.0, 0.0, 5), beam(35.0, 10.0, 0.0, 5)],
            vec![beam(5.0, 10.0, 0.0, 10), beam(15.0, 10.0, 0.0, 5), beam(10.0, 20.0, 2.0, 5)],
            vec![beam(0.0, 4.0, 0.0, 10), beam(4.0, 4.0, 0.0, 10), beam(8.0, 4.0, 0.0, 30)],
        ] {
            let problems = Problems::default();
            let pass_ns = beams.iter().map(|beam| beam.dwell_ns).sum();
            let frames = frames(&problems.root(), &beams, pass_ns);
            assert_eq!(problems.count(), 0);
            assert_eq!(frames.iter().map(|frame| frame.beams.len()).sum::<usize>(), beams.len());
            assert!(frames.iter().all(|frame| frame.dwell_ns >= MIN_FRAME_NS));
            for frame in &frames {
                for beam in &beams[frame.beams.clone()] {
                    let [low, high] = [beam.coverage, frame.coverage]
                        .map(|coverage| (coverage.min_elevation_deg, coverage.max_elevation_deg));
                    assert!(low.0 >= high.0 - SAME_DEG && low.1 <= high.1 + SAME_DEG);
                    let begin_deg = frame.coverage.bearing_start_deg - SAME_DEG;
                    let into_deg = wrap_360(beam.coverage.bearing_start_deg - begin_deg);
                    let end_deg = into_deg + beam.coverage.bearing_extent_deg;
                    assert!(end_deg <= frame.coverage.bearing_extent_deg + 3.0 * SAME_DEG);
                }
            }
        }
    }
}
