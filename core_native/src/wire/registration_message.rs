//! What a tracks message says of the biases of its frame's sensor.

use super::protobuf::{
    Field, Message, Reader, Sink, once, put_double, put_message, put_uint, required,
};
use crate::error::{Error, Result};
use crate::online_registration::estimators::RegistrationEstimate;
use crate::tracking::sensor_bias::SensorBias;

impl Message for RegistrationEstimate {
    fn put_fields(&self, out: &mut impl Sink) {
        put_uint(out, 1, u64::from(self.is_aligned));
        put_uint(out, 2, u64::from(self.is_applied));
        put_uint(out, 3, self.pair_count);
        put_uint(out, 4, self.target_count);
        put_uint(out, 5, self.unused_frames);
        put_message(out, 6, &self.bias);
        put_message(out, 7, &self.std);
    }
}

impl Message for SensorBias {
    fn put_fields(&self, out: &mut impl Sink) {
        for (number, value) in (1..).zip(in_order(self)) {
            put_double(out, number, value);
        }
    }
}

/// The biases in order of their fields' numbers.
const NAMES: [&str; 5] = ["east_m", "north_m", "range_m", "bearing_deg", "time_s"];

const fn in_order(bias: &SensorBias) -> [f64; NAMES.len()] {
    [bias.east_m, bias.north_m, bias.range_m, bias.bearing_deg, bias.time_s]
}

/// Read the field of a tracks message.
pub(super) fn read(field: &Field<'_>) -> Result<RegistrationEstimate> {
    let mut reader = field.message("registration")?;
    let (mut is_aligned, mut is_applied, mut bias, mut std) = (None, None, None, None);
    let (mut pair_count, mut target_count, mut unused_frames) = (None, None, None);
    while let Some(field) = reader.next_field()? {
        macro_rules! keep {
            ($name:ident, $text:literal, $read:expr) => {
                once(&mut $name, $text, &field, $read(&field, $text)?)?
            };
        }
        match field.number {
            1 => keep!(is_aligned, "registration.aligned", Field::truth),
            2 => keep!(is_applied, "registration.applied", Field::truth),
            3 => keep!(pair_count, "registration.pair_count", Field::varint),
            4 => keep!(target_count, "registration.target_count", Field::varint),
            5 => keep!(unused_frames, "registration.unused_frames", Field::varint),
            6 => keep!(bias, "registration.bias", biases),
            7 => keep!(std, "registration.std", biases),
            _ => {}
        }
    }
    Ok(RegistrationEstimate {
        is_aligned: required(is_aligned, "registration.aligned", &reader)?,
        is_applied: required(is_applied, "registration.applied", &reader)?,
        pair_count: required(pair_count, "registration.pair_count", &reader)?,
        target_count: required(target_count, "registration.target_count", &reader)?,
        unused_frames: required(unused_frames, "registration.unused_frames", &reader)?,
        bias: required(bias, "registration.bias", &reader)?,
        std: required(std, "registration.std", &reader)?,
    })
}

fn biases(field: &Field<'_>, name: &str) -> Result<SensorBias> {
    let mut reader: Reader<'_> = field.message(name)?;
    let mut found = [None; NAMES.len()];
    while let Some(field) = reader.next_field()? {
        let index = field.number.wrapping_sub(1) as usize;
        if let Some(slot) = found.get_mut(index) {
            let name = format!("{name}.{}", NAMES[index]);
            once(slot, &name, &field, field.double(&name)?)?;
        }
    }
    let mut values = [0.0; NAMES.len()];
    for (index, value) in values.iter_mut().enumerate() {
        *value = required(found[index], &format!("{name}.{}", NAMES[index]), &reader)?;
    }
    let [east_m, north_m, range_m, bearing_deg, time_s] = values;
    Ok(SensorBias { east_m, north_m, range_m, bearing_deg, time_s })
}

/// Refuse an estimate that breaks the contract; the error names field, value and limit.
pub fn check(estimate: &RegistrationEstimate) -> Result<()> {
    let of_each =
        NAMES.iter().zip(in_order(&estimate.bias).into_iter().zip(in_order(&estimate.std)));
    for (name, (bias, std)) in of_each {
        if !bias.is_finite() {
            return Err(refuse("bias", name, bias, "finite"));
        }
        if !(std.is_finite() && std >= 0.0) {
            return Err(refuse("std", name, std, "finite, at least 0"));
        }
    }
    if estimate.is_applied && !estimate.is_aligned {
        return Err(Error::Tracks {
            field: "registration.applied".into(),
            value: "true".into(),
            limit: "false where aligned is".into(),
        });
    }
    Ok(())
}

fn refuse(what: &str, name: &str, value: f64, limit: &str) -> Error {
    let field = format!("registration.{what}.{name}");
    Error::Tracks { field, value: value.to_string(), limit: limit.into() }
}
