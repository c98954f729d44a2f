//! Clutter of the scene: echoes of sea, land or weather that pass the threshold.
//!
//! A source has a density of plots over the ground. Its plots are a Poisson process: candidates
//! are drawn in its bounding rectangle with its largest density, and each is kept with probability
//! density(place) / largest (thinning): P. A. W. Lewis and G. S. Shedler, "Simulation of
//! nonhomogeneous Poisson processes by thinning", Naval Research Logistics Quarterly 26 (1979),
//! 403. `radar/clutter.rs` does so and looks at them.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::radar::equation::{from_db, to_db};
use crate::radar::scan::Scan;
use crate::radar::sensor::Sensor;
use crate::random::entity_of;
use crate::scene::clutter_density::{Bounds, Density};
use crate::scene::clutter_document::ClutterDocument;
use crate::scene::place::Place;
use crate::scene::scenario::{MAX_NAME_BYTES, MAX_POSITION_M, MAX_SPEED_M_S};
use crate::simd::LANES;
use crate::user_model::{ModelKind, UserModel};

/// Most clutter sources of a scenario.
pub const MAX_CLUTTER: usize = 100;
/// Largest mean SNR \[dB\].
pub const MAX_MEAN_SNR_DB: f64 = 100.0;
/// Largest standard deviation of a range rate \[m/s\].
pub const MAX_RANGE_RATE_STD_M_S: f64 = 1000.0;
/// Most candidates of a frame, all sources together, in the mean.
pub const MAX_CANDIDATES: f64 = 1e5;

/// One source of clutter.
#[derive(Clone, Debug)]
pub struct ClutterSource {
    /// Its name in the scenario.
    pub name: String,
    /// Stable number of the name, which keys its random draws.
    pub entity: u64,
    /// How dense it is, and where.
    pub density: Density,
    /// Where candidates are drawn.
    pub bounds: Bounds,
    /// Largest density \[1/km²\].
    pub largest_per_km2: f64,
    /// Lowest and highest position on Z \[m\].
    pub height_m: [f64; 2],
    /// Mean SNR of its plots, over all pulses: a ratio.
    pub mean_snr: f64,
    /// Mean velocity of the scatterers \[m/s\].
    pub drift_velocity_m_s: [f64; 3],
    /// Standard deviation of the range rate \[m/s\].
    pub range_rate_std_m_s: f64,
}

impl ClutterSource {
    /// Check the document of a source; none when it is refused.
    fn from_document(place: &Place<'_>, document: &ClutterDocument) -> Option<Self> {
        let mut density = None;
        let ClutterDocument { height_m, mean_snr_db, drift_velocity_m_s, .. } = *document;
        let std_m_s = document.range_rate_std_m_s;
        let is_right = place.holds(|| {
            place.key("name").text(&document.name, MAX_NAME_BYTES);
            density = Density::from_document(&place.key("shape"), &document.shape);
            place.key("height_m").interval(height_m, -MAX_POSITION_M, MAX_POSITION_M);
            place.key("mean_snr_db").number(mean_snr_db, 0.0, MAX_MEAN_SNR_DB);
            place.key("drift_velocity_m_s").vector(drift_velocity_m_s, MAX_SPEED_M_S);
            place.key("range_rate_std_m_s").number(std_m_s, 0.0, MAX_RANGE_RATE_STD_M_S);
        });
        let density = density.filter(|_| is_right)?;
        Some(Self {
            name: document.name.clone(),
            entity: entity_of(&document.name),
            bounds: density.bounds(),
            largest_per_km2: density.largest_per_km2(),
            density,
            height_m,
            mean_snr: from_db(mean_snr_db),
            drift_velocity_m_s,
            range_rate_std_m_s: std_m_s,
        })
    }

    /// Name of the user's model that gives the density.
    pub const fn density_model(&self) -> Option<&Arc<str>> {
        match &self.density {
            Density::Model(modelled) => Some(&modelled.name),
            _ => None,
        }
    }

    /// The same with the user's model that gives the density.
    ///
    /// # Errors
    /// [`Error::Setting`] for one that it does not name.
    pub fn with_model(&self, model: &UserModel) -> Result<Self> {
        let refused = |limit, remedy: &str| Error::Setting {
            setting: format!("model of clutter {:?}", self.name),
            value: format!("the {} model {:?}", model.kind().name(), model.name()),
            limit,
            remedy: remedy.into(),
        };
        let Density::Model(modelled) = &self.density else {
            return Err(refused("none".into(), "leave it out: the scenario has the density"));
        };
        if model.kind() != ModelKind::ClutterDensity || *model.name() != *modelled.name {
            let wanted = format!("the clutter_density model {:?}", modelled.name);
            return Err(refused(wanted, "give the one that the scenario names"));
        }
        let density = Density::Model(modelled.with_model(model.clone()));
        Ok(Self { density, ..self.clone() })
    }

    /// Mean number of candidates of one look.
    pub fn candidates(&self) -> f64 {
        self.largest_per_km2 * self.bounds.area_km2()
    }

    /// Densities at places, east and north \[m\], at `time_s` of the scenario \[1/km²\].
    pub fn densities_at(&self, places_m: &[(f64, f64)], time_s: f64) -> Result<Vec<f64>> {
        if let Density::Model(modelled) = &self.density {
            modelled.check_model()?;
        }
        let Bounds { east_m, north_m } = self.bounds;
        let is_in = |[low, high]: [f64; 2], value| low <= value && value <= high;
        let inside: Vec<usize> = (0..places_m.len())
            .filter(|&at| is_in(east_m, places_m[at].0) && is_in(north_m, places_m[at].1))
            .collect();
        let mut densities = vec![0.0; places_m.len()];
        for block in inside.chunks(LANES) {
            // Lanes without a place ask for the last one's again: a model is asked nowhere else.
            let lanes: [_; LANES] =
                std::array::from_fn(|lane| places_m[block[lane.min(block.len() - 1)]]);
            let found = self.density.at(&lanes.map(|it| it.0), &lanes.map(|it| it.1), time_s)?;
            for (&at, density) in block.iter().zip(found) {
                densities[at] = density;
            }
        }
        Ok(densities)
    }
}

/// Check the sources of a scenario with these `sensors`.
pub fn clutter_sources(
    place: &Place<'_>,
    documents: &[ClutterDocument],
    sensors: &[Sensor],
) -> Vec<Arc<ClutterSource>> {
    place.length(documents.len(), 0, MAX_CLUTTER);
    let mut sources: Vec<Arc<ClutterSource>> = Vec::new();
    for (index, document) in documents.iter().enumerate().take(MAX_CLUTTER) {
        let place = place.index(index);
        let Some(source) = ClutterSource::from_document(&place, document) else { continue };
        if sources.iter().any(|other| other.name == source.name) {
            place.key("name").problem(format!("is {:?}, already a clutter's name", source.name));
        }
        check_snr(&place, document.mean_snr_db, source.mean_snr, sensors);
        let before: f64 = sources.iter().map(|other| other.candidates()).sum();
        check_candidates(&place, before, source.candidates(), sensors);
        sources.push(Arc::new(source));
    }
    sources
}

/// Refuse a mean that a radar's threshold leaves no plots of.
fn check_snr(place: &Place<'_>, mean_snr_db: f64, mean_snr: f64, sensors: &[Sensor]) {
    let least = |sensor: &Sensor| sensor.threshold - f64::from(sensor.pulses);
    if let Some(sensor) = sensors.iter().find(|sensor| mean_snr <= least(sensor)) {
        let least_db = to_db(least(sensor));
        place.key("mean_snr_db").problem(format!(
            "is {mean_snr_db}, must be above {least_db:.2}, the SNR at the threshold of {:?}: its \
             plots are stronger than that",
            sensor.name
        ));
    }
}

/// Refuse more candidates than a frame may have.
fn check_candidates(place: &Place<'_>, before: f64, more: f64, sensors: &[Sensor]) {
    let looks = sensors.iter().map(looks_per_frame).max().unwrap_or(1) as f64;
    let (so_far, count) = (looks * before, looks * (before + more));
    // One word for the source that goes over the limit, not one for each behind it.
    if count > MAX_CANDIDATES && so_far <= MAX_CANDIDATES {
        place.key("shape").problem(format!(
            "brings the candidates of a frame, its largest density times its bounding rectangle, \
             in {looks} looks, {count:.3e} with those before it, must be at most \
             {MAX_CANDIDATES}: lower the density or cut the region into smaller ones"
        ));
    }
}

/// How often one frame of `sensor` looks at clutter, at most. What a staring radar sees in looks
/// that go out together is one frame's clutter.
fn looks_per_frame(sensor: &Sensor) -> usize {
    match &sensor.scan {
        Scan::Staring(_) | Scan::Rotating(_) => 1,
        Scan::Steered(list) => {
            let beams = list.frames.iter().map(|frame| frame.beams.len()).max().unwrap_or(1);
            beams * list.passes as usize
        }
    }
}
