//! A registration as bytes and back: a restored one goes on as if it had never stopped.
//!
//! Layout, little-endian: magic, version, length and text of the settings, newest times, names of the
//! reference frames of their newest time, pairs, biases,
//! information, spread of the velocities, what holds the offset or the votes for it, the targets by number,
//! CRC-32C of all before.

use crate::error::Result;
use crate::snapshot_bytes::{Reader, SnapshotKind, Writer, refuse};
use crate::tracking::gaussian::{Gaussian, STATE, TRIANGLE};
use crate::tracking::registration::bias_information::BIASES;
use crate::tracking::registration::estimator::{Registration, State};
use crate::tracking::registration::frame_checks::MAX_NAMES;
use crate::tracking::registration::lock::Lock;
use crate::tracking::registration::offset_vote::SIDE;
use crate::tracking::registration::separate_bias::Target;
use crate::tracking::registration::settings::RegistrationSettings;

const KIND: SnapshotKind = SnapshotKind { magic: *b"QIKIREG\0", version: 7 };
/// Bytes of the name of a frame.
const NAME_SIZE: usize = 32;
/// Bytes of one target.
const TARGET_SIZE: usize = 28 + 8 * (STATE + TRIANGLE + STATE * BIASES);

impl Registration {
    /// The whole state as bytes.
    ///
    /// # Errors
    /// None for settings that were accepted.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let state = &self.state;
        let settings = self.settings().to_json()?;
        let mut out = Writer::new(&KIND, 1024 + state.targets.0.len() * TARGET_SIZE);
        out.block(settings.as_bytes());
        for newest_ns in state.newest_ns {
            out.put([u8::from(newest_ns.is_some())]);
            out.put(newest_ns.unwrap_or(0).to_le_bytes());
        }
        out.count(state.newest_names.len());
        for (sensor_id, epoch, number) in &state.newest_names {
            out.put(*sensor_id);
            out.put(epoch.to_le_bytes());
            out.put(number.to_le_bytes());
        }
        out.put(state.pair_count.to_le_bytes());
        for number in numbers(state) {
            out.put(number.to_le_bytes());
        }
        put_lock(&mut out, state);
        out.count(state.targets.0.len());
        state.targets.0.iter().for_each(|target| put_target(&mut out, target));
        Ok(out.finish())
    }

    /// A registration from the bytes of [`Registration::snapshot`].
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for bytes that are not a whole snapshot of this version.
    pub fn restore(bytes: &[u8]) -> Result<Self> {
        let mut input = Reader::new(&KIND, bytes)?;
        let settings = std::str::from_utf8(input.block()?)
            .map_err(|error| refuse(format!("settings are not text: {error}")))?;
        let mut registration = Self::new(RegistrationSettings::from_json(settings)?)?;
        let most = registration.settings().tracker.max_tracks;
        let state = &mut registration.state;
        for newest_ns in &mut state.newest_ns {
            let [is_there] = input.array()?;
            let time_ns = input.time("newest time")?;
            *newest_ns = (is_there != 0).then_some(time_ns);
        }
        let names = input.count(NAME_SIZE)?;
        if names > MAX_NAMES {
            return Err(refuse(format!("{names} frames of one time, must be at most {MAX_NAMES}")));
        }
        for _ in 0..names {
            let name = (input.array()?, input.u64()?, input.u64()?);
            state.newest_names.push(name);
        }
        state.pair_count = input.u64()?;
        for number in numbers_mut(state) {
            *number = finite(&mut input)?;
        }
        check_information(state)?;
        take_lock(state, &mut input)?;
        let count = input.count(TARGET_SIZE)?;
        if count > most {
            return Err(refuse(format!("{count} targets, must be at most {most}")));
        }
        for _ in 0..count {
            let target = take_target(&mut input)?;
            if state.targets.0.last().is_some_and(|last| last.number >= target.number) {
                return Err(refuse(format!("target {} is out of order", target.number)));
            }
            state.targets.0.push(target);
        }
        input.finish()?;
        Ok(registration)
    }
}

/// Biases, information and spread of the velocities.
fn numbers(state: &State) -> impl Iterator<Item = f64> {
    let (information, spread) = (&state.information, &state.spread);
    let known =
        state.bias.iter().chain(information.matrix.as_flattened()).chain(&information.vector);
    let velocities = [spread.weight].into_iter().chain(spread.velocity);
    known.copied().chain(velocities).chain(spread.square).chain(spread.error)
}

/// The same to be written, in the same order.
fn numbers_mut(state: &mut State) -> impl Iterator<Item = &mut f64> {
    let (information, spread) = (&mut state.information, &mut state.spread);
    let matrix = information.matrix.as_flattened_mut();
    let known = state.bias.iter_mut().chain(matrix).chain(&mut information.vector);
    let velocities = [&mut spread.weight].into_iter().chain(&mut spread.velocity);
    known.chain(velocities).chain(&mut spread.square).chain(&mut spread.error)
}

/// Refuse an information that is not symmetric or less than its prior, which would be no covariance, and
/// weights of velocities below 0.
fn check_information(state: &State) -> Result<()> {
    let matrix = &state.information.matrix;
    let places = (0..BIASES).flat_map(|i| (0..i).map(move |j| (i, j)));
    for (i, j) in places {
        let (below, above) = (matrix[i][j], matrix[j][i]);
        if (below - above).abs() > 1e-9 * (matrix[i][i] * matrix[j][j]).abs().sqrt() {
            return Err(refuse(format!("information[{i}][{j}] is {below}, must be {above}")));
        }
    }
    if state.spread.weight < 0.0 {
        return Err(refuse(format!("weight is {}, must be at least 0", state.spread.weight)));
    }
    let (_, covariance) = state.information.solve();
    for (bias, row) in covariance.iter().enumerate() {
        let variance = row[bias];
        if !(variance > 0.0 && variance < 1.001) {
            return Err(refuse(format!(
                "variance {bias} is {variance}, must be above 0, at most 1"
            )));
        }
    }
    Ok(())
}

fn put_lock(out: &mut Writer, state: &State) {
    out.put([u8::from(state.lock.is_some())]);
    if let Some(lock) = state.lock {
        for number in [lock.agreement, lock.looks, lock.hits, lock.pairs, lock.distance2] {
            out.put(number.to_le_bytes());
        }
    } else {
        state.votes.votes.iter().for_each(|votes| out.put(votes.to_le_bytes()));
    }
}

fn take_lock(state: &mut State, input: &mut Reader<'_>) -> Result<()> {
    let [is_found] = input.array()?;
    if is_found != 0 {
        let mut lock = Lock::new(finite(input)?);
        (lock.looks, lock.hits) = (finite(input)?, finite(input)?);
        (lock.pairs, lock.distance2) = (finite(input)?, finite(input)?);
        let counts = [lock.agreement, lock.looks, lock.hits, lock.pairs, lock.distance2];
        if let Some(count) = counts.iter().find(|&&count| count < 0.0) {
            return Err(refuse(format!("a count of what holds is {count}, must be at least 0")));
        }
        state.lock = Some(lock);
        return Ok(());
    }
    state.lock = None;
    let words = input.take(4 * SIDE * SIDE)?.as_chunks().0;
    for (cell, &word) in state.votes.votes.iter_mut().zip(words) {
        *cell = u32::from_le_bytes(word);
    }
    Ok(())
}

fn put_target(out: &mut Writer, target: &Target) {
    out.put(target.number.to_le_bytes());
    out.put(target.time_ns.to_le_bytes());
    out.put(target.seen_ns.to_le_bytes());
    out.put(target.looks.to_le_bytes());
    let by_bias = target.by_bias.as_flattened();
    for number in target.state.mean.iter().chain(&target.state.covariance).chain(by_bias) {
        out.put(number.to_le_bytes());
    }
}

fn take_target(input: &mut Reader<'_>) -> Result<Target> {
    let number = input.u64()?;
    let mut target = Target::new(number, input.time("target time")?, Gaussian::ZERO);
    target.seen_ns = input.time("target seen at")?;
    target.looks = input.u32()?;
    let (state, by_bias) = (&mut target.state, target.by_bias.as_flattened_mut());
    for number in state.mean.iter_mut().chain(&mut state.covariance).chain(by_bias) {
        *number = finite(input)?;
    }
    if let Some(flaw) = target.state.flaw() {
        return Err(refuse(format!("target {number}:{flaw}")));
    }
    Ok(target)
}

/// Largest number: the product of five stays one.
const LARGEST: f64 = 1e60;

fn finite(input: &mut Reader<'_>) -> Result<f64> {
    let number = input.f64()?;
    if number.abs() <= LARGEST {
        return Ok(number);
    }
    Err(refuse(format!("a number is {number}, must be within {LARGEST}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::registration::settings::sample;

    fn registration() -> Registration {
        let mut settings = sample();
        settings.tracker.max_tracks = 2;
        let mut registration = Registration::new(settings).expect("valid settings");
        registration.state.targets.put(Target::new(3, 5, Gaussian::ZERO));
        registration.state.targets.put(Target::new(4, 5, Gaussian::ZERO));
        registration.state.newest_names = vec![([1; 16], 2, 3), ([4; 16], 5, 6)];
        registration
    }

    /// What is said of a snapshot that is whole but holds what `damage` does to a registration.
    fn reason(damage: impl Fn(&mut State)) -> String {
        let mut registration = registration();
        damage(&mut registration.state);
        let snapshot = registration.snapshot().expect("valid settings");
        Registration::restore(&snapshot).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_restored_registration_has_the_same_snapshot() {
        let snapshot = registration().snapshot().expect("valid settings");
        let restored = Registration::restore(&snapshot).expect("whole snapshot");
        assert_eq!(restored.snapshot(), Ok(snapshot));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(reason(|state| state.bias[2] = f64::NAN).contains("a number is NaN"));
        let negative = reason(|state| state.information.matrix[1][1] = -1.0);
        assert!(
            negative.contains("variance 0 is NaN") || negative.contains("variance 1 is"),
            "{negative}"
        );
        assert!(reason(|state| state.bias[0] = 1e61).contains("must be within 1"));
        assert!(reason(|state| state.spread.weight = -1.0).contains("weight is -1, must be"));
        let skew = reason(|state| state.information.matrix[1][0] = 0.1);
        assert!(skew.contains("information[1][0] is 0.1, must be 0"), "{skew}");
        for count in 0..5 {
            let below = reason(|state| {
                let mut lock = Lock::new(0.5);
                let counts = [
                    &mut lock.agreement,
                    &mut lock.looks,
                    &mut lock.hits,
                    &mut lock.pairs,
                    &mut lock.distance2,
                ];
                counts.into_iter().nth(count).into_iter().for_each(|number| *number = -1.0);
                state.lock = Some(lock);
            });
            assert!(below.contains("what holds is -1, must be at least 0"), "{below}");
        }
        let negative = reason(|state| state.targets.0[1].state.covariance[0] = -4.0);
        assert!(negative.contains("target 4: covariance[0][0] is -4, must be"), "{negative}");
        let names = |state: &mut State| state.newest_names = vec![([1; 16], 2, 3); MAX_NAMES + 1];
        assert!(reason(names).contains("1025 frames of one time, must be at most 1024"));
        assert!(reason(|state| state.targets.0.swap(0, 1)).contains("target 3 is out of order"));
        assert!(reason(|state| state.targets.0[1].number = 3).contains("target 3 is out of order"));
        let many = |state: &mut State| state.targets.put(Target::new(9, 5, Gaussian::ZERO));
        assert!(reason(many).contains("3 targets, must be at most 2"));
        assert!(reason(|state| state.newest_ns[1] = Some(i64::MAX)).contains("newest time"));
        assert!(reason(|state| state.targets.0[0].seen_ns = i64::MIN).contains("target seen at"));
    }
}
