//! Whole numbers of Python, which have no limits, as arguments that have some.
//!
//! By default one that does not fit is an `OverflowError` that names neither it nor its limits.

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use qiki_core::error::Error;

use crate::errors::CoreError;

/// A type of arguments that hold a whole number.
pub trait Whole: Sized {
    /// The value of the argument called `name`.
    fn of(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self>;
}

impl<T: Whole> Whole for Option<T> {
    fn of(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if value.is_none() { Ok(None) } else { T::of(name, value).map(Some) }
    }
}

macro_rules! whole {
    ($($number:ty),+) => {
        $(impl Whole for $number {
            fn of(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
                value.extract().map_err(|error: PyErr| {
                    if error.is_instance_of::<PyOverflowError>(value.py()) {
                        outside(name, value, &format!("{} to {}", Self::MIN, Self::MAX))
                    } else {
                        error
                    }
                })
            }
        })+
    };
}

whole!(u8, u16, u32, u64, usize, i64);

/// A seed of the world in process: one that the setting `radar.seed` may name, too.
pub struct WorldSeed(pub u64);

impl Whole for WorldSeed {
    fn of(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Self> {
        match u64::of(name, value)? {
            seed if seed >> 63 == 0 => Ok(Self(seed)),
            _ => Err(outside(name, value, &format!("0 to {}", i64::MAX))),
        }
    }
}

fn outside(name: &str, value: &Bound<'_, PyAny>, limit: &str) -> PyErr {
    // Python writes no number of more than some thousand digits.
    let text = value.str().map_or_else(|_| "a longer number".into(), |text| text.to_string());
    CoreError::from(Error::Setting {
        setting: name.into(),
        value: text,
        limit: limit.into(),
        remedy: "give a number within them".into(),
    })
    .into()
}

macro_rules! arguments {
    ($($name:ident),+) => {
        $(
            /// The argument of this name, for `from_py_with`.
            pub fn $name<T: Whole>(value: &Bound<'_, PyAny>) -> PyResult<T> {
                T::of(stringify!($name), value)
            }
        )+
    };
}

arguments!(
    capacity,
    column_count,
    count,
    crc32c,
    degrees,
    dimensions,
    epoch,
    ingest_time_ns,
    max_work,
    model,
    number,
    parameter_count,
    pulses,
    rate_hz,
    range_band,
    row_count,
    seed,
    start_time_ns,
    state_size,
    swerling,
    target,
    time_ns,
    udp_port
);
