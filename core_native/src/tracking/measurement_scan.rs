//! Scans of measurements whose model a user wrote.
//!
//! Before anything is touched the model is asked of every track where the scan will ask it: in the
//! state that each motion model predicts for its time. The kernels then ask the same again, and of
//! lanes that hold no track, whose answers mean nothing.

use crate::error::{Error, Result};
use crate::frame_limits::check_time;
use crate::numeric::round;
use crate::simd::{LANES, dispatch};
use crate::tracking::birth;
use crate::tracking::frame_measurements::cost_of;
use crate::tracking::gaussian::{Gaussian, STATE, predict};
use crate::tracking::kalman::{Innovation, innovate_rows};
use crate::tracking::lifecycle::Life;
use crate::tracking::measurement::{Model, ROW, Row};
use crate::tracking::measurement_noise::MeasurementNoise;
use crate::tracking::tracker::Tracker;
use crate::tracking::user_measurement::{MAX_MEASURED, UserMeasurement};

/// One scan at one time. `noises` holds one covariance for all or one each, row by row.
#[derive(Clone, Copy)]
pub struct MeasurementScan<'a> {
    /// Its time \[ns\].
    pub time_ns: i64,
    /// What was measured, row by row.
    pub values: &'a [f64],
    /// Covariances of the noise: one for all measurements, or one each.
    pub noises: &'a [f64],
    /// What the model is given.
    pub parameters: &'a [f64],
    /// The volume in which false alarms are spread, in the units of the measurement.
    pub volume: f64,
}

/// A user's model in the kernels. Row: 0-3 what was measured, 4-13 its noise as
/// [`MeasurementNoise`] has it.
#[derive(Clone, Copy)]
struct UserModel<'a> {
    model: &'a UserMeasurement,
    parameters: &'a [f64],
    cost: f64,
    gate: f64,
}

/// An innovation that no gate lets in \[standard deviations\].
const FAR_OUTSIDE: f64 = 1e150;

impl Model<MAX_MEASURED> for UserModel<'_> {
    const WIDTH: usize = MAX_MEASURED + MeasurementNoise::WIDTH;

    fn counts(&self) -> [bool; MAX_MEASURED] {
        [true; MAX_MEASURED] // one that is not measured has variance 1
    }

    #[inline(always)]
    fn cost(&self, _: &Row) -> f64 {
        self.cost
    }

    #[inline(always)]
    fn gate(&self, _: &Row) -> f64 {
        self.gate
    }

    fn innovate<const D: usize, const T: usize>(
        &self,
        state: &Gaussian<D, T>,
        row: &Row,
    ) -> Innovation<MAX_MEASURED, D> {
        let mut innovation = [0.0; MAX_MEASURED];
        let Some(mut predicted) = self.model.usable(&state.mean, self.parameters) else {
            innovation[0] = FAR_OUTSIDE;
            let nothing = [[0.0; STATE]; MAX_MEASURED];
            return innovate_rows(state, innovation, &nothing, [1.0; MAX_MEASURED]);
        };
        for (k, &period) in self.model.periods().iter().enumerate() {
            let away = row[k] - predicted.values[k];
            innovation[k] = if period > 0.0 { away - period * round(away / period) } else { away };
        }
        let noise = MeasurementNoise::of_row(&row[MAX_MEASURED..Self::WIDTH]);
        noise.decorrelate(&mut innovation, &mut predicted.jacobian);
        innovate_rows(state, innovation, &predicted.jacobian, noise.variance)
    }
}

impl Tracker {
    /// Take in one scan of measurements of a user's model at one time, of which all tracks were in view.
    ///
    /// # Errors
    /// As [`Tracker::step`]; [`Error::Frame`] also for values, covariances or a volume that cannot be,
    /// or do not fit the model; [`Error::Model`] for what the model must not answer.
    pub fn step_measurements(
        &mut self,
        model: &UserMeasurement,
        scan: &MeasurementScan<'_>,
    ) -> Result<()> {
        let &MeasurementScan { time_ns, values, parameters, volume, .. } = scan;
        check_time("time_ns", time_ns)?;
        self.check_order(0, time_ns)?;
        let m = model.size();
        self.check_room_for_detections(values.len() / m)?;
        scan.check(model)?;
        self.check_predicted(model, scan)?;
        self.take_measurements(model, scan)?;
        let sensor = *self.rules.sensors.any();
        let kernel_model = UserModel {
            model,
            parameters,
            cost: cost_of(sensor.ln_clutter - libm::log(volume), m),
            gate: self.rules.gates.of(m),
        };
        self.associate::<MAX_MEASURED, _>(kernel_model, &sensor, time_ns, &[])?;
        let everywhere = |_: &_, _| true;
        self.commit::<MAX_MEASURED, _>(
            kernel_model,
            &sensor,
            time_ns,
            everywhere,
            |tracker, birth| {
                let index = tracker.association.births[birth] as usize;
                let (positions_m, covariances_m2) = &tracker.starts;
                birth::at_position(positions_m[index], &covariances_m2[index], &tracker.config)
            },
        )
    }

    /// Take over the measurements, each with the place where it would begin a track.
    fn take_measurements(
        &mut self,
        model: &UserMeasurement,
        scan: &MeasurementScan<'_>,
    ) -> Result<()> {
        let (m, gate) = (model.size(), self.rules.gates.of(model.size()));
        let (positions_m, covariances_m2) = &mut self.starts;
        positions_m.clear();
        covariances_m2.clear();
        let placed = |(index, values): (usize, &[f64])| {
            let noise = scan.noise(index, m);
            let mut row: Row = [0.0; ROW];
            row[..m].copy_from_slice(values);
            let independent = MeasurementNoise::of(noise, m, index)?;
            independent.write(&mut row[MAX_MEASURED..UserModel::WIDTH]);
            let (position_m, covariance_m2) = model.start(values, noise, scan.parameters)?;
            positions_m.push(position_m);
            covariances_m2.push(covariance_m2);
            Ok((row, position_m, covariance_m2))
        };
        let placed = scan.values.chunks(m).enumerate().map(placed);
        self.measured.from_rows(scan.time_ns, placed, UserModel::WIDTH, gate)
    }

    /// Ask the model of every track that goes on, as each of its motion models predicts it.
    fn check_predicted(&self, model: &UserMeasurement, scan: &MeasurementScan<'_>) -> Result<()> {
        let (states, lives) = (&self.table.states, &self.table.lives);
        let mut ahead = states.bank.is_used().then(|| states.bank.room());
        for (number, block) in states.blocks.iter().enumerate() {
            let until_s = block.until_s([scan.time_ns; LANES]);
            if let Some(ahead) = &mut ahead {
                dispatch(self.level, states.bank.look_ahead(number, &until_s, ahead));
            }
            let living = |lane: &usize| lives.get(number * LANES + lane).is_some_and(Life::goes_on);
            for lane in (0..LANES).filter(living) {
                let Some(ahead) = &ahead else {
                    let noise = self.rules.noise_m2_s3;
                    let state = predict(&block.states.state(lane), until_s[lane], noise);
                    model.predict(&state.mean, scan.parameters)?;
                    continue;
                };
                states.bank.check(ahead.flaws[lane])?;
                for filter in ahead.filters() {
                    let mean: [f64; STATE] = std::array::from_fn(|i| filter.mean(i)[lane]);
                    model.predict(&mean, scan.parameters)?;
                }
            }
        }
        Ok(())
    }
}

impl MeasurementScan<'_> {
    /// The noise covariance of a measurement of `m` numbers, row by row.
    fn noise(&self, index: usize, m: usize) -> &[f64] {
        let shared = self.noises.len() == m * m;
        let at = if shared { 0 } else { index * m * m };
        &self.noises[at..at + m * m]
    }

    /// Refuse what does not fit the model, and numbers that are not finite.
    fn check(&self, model: &UserMeasurement) -> Result<()> {
        let refuse =
            |field: String, value: String, limit: String| Err(Error::Frame { field, value, limit });
        let (m, count) = (model.size(), self.values.len() / model.size());
        if self.values.len() != count * m {
            let limit = format!("a multiple of {m}, the size of the model's measurement");
            return refuse("length of values".into(), self.values.len().to_string(), limit);
        }
        if self.noises.len() != m * m && self.noises.len() != count * m * m {
            let limit = format!("one {m} x {m} matrix for all measurements or one each");
            return refuse(
                "length of noise_covariance".into(),
                self.noises.len().to_string(),
                limit,
            );
        }
        if self.parameters.len() != model.parameter_count() {
            let limit = format!("{}, as model {:?} has", model.parameter_count(), model.name());
            return refuse("length of parameters".into(), self.parameters.len().to_string(), limit);
        }
        for (name, numbers) in [("values", self.values), ("parameters", self.parameters)] {
            if let Some(at) =
                numbers.iter().position(|number| number.is_nan() || number.abs() > 1e12)
            {
                let field = format!("{name}[{}]", if name == "values" { at / m } else { at });
                return refuse(field, numbers[at].to_string(), "finite and within 1e12".into());
            }
        }
        if !(self.volume > 0.0 && self.volume < 1e100) {
            return refuse(
                "volume".into(),
                self.volume.to_string(),
                "above 0 and below 1e100".into(),
            );
        }
        Ok(())
    }
}
