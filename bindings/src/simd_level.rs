//! Which instruction set the kernels use; every level gives the same bits.

use std::sync::atomic::{AtomicU8, Ordering};

use pyo3::prelude::*;
use qiki_core::simd::SimdLevel;

use crate::errors::Result;

/// Index into [`SimdLevel::ALL`] plus one; zero means not chosen yet.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// The level that new trackers and radars take.
pub fn current() -> SimdLevel {
    match CHOSEN.load(Ordering::Relaxed) {
        0 => SimdLevel::detect(),
        chosen => SimdLevel::ALL[usize::from(chosen) - 1],
    }
}

/// The instruction set that new trackers and radars take.
#[pyfunction]
pub fn simd_level() -> String {
    current().to_string()
}

/// The instruction sets that this machine can run, lowest first.
#[pyfunction]
pub fn simd_levels() -> Vec<String> {
    let available = SimdLevel::ALL.into_iter().filter(|level| level.is_available());
    available.map(|level| level.to_string()).collect()
}

/// Choose the instruction set that new trackers and radars take.
///
/// Parameters
/// ----------
/// name : str
///     ``"baseline"``, ``"avx2"`` or ``"avx512"``. Results do not depend on it, only speed does.
///
/// Raises
/// ------
/// qiki.errors.SettingError
///     An unknown name, or a level that this machine cannot run.
#[pyfunction]
pub fn set_simd_level(name: &str) -> Result<()> {
    let level: SimdLevel = name.parse::<SimdLevel>()?.checked()?;
    CHOSEN.store(level as u8 + 1, Ordering::Relaxed);
    Ok(())
}
