//! Run one kernel compiled for several instruction sets, chosen at run time.
//!
//! A kernel is plain scalar code in loops over [`LANES`] independent tracks or targets; the
//! compiler turns the lanes into vectors. Lanes never share a sum and the compiler never fuses
//! a multiply with an add, so every level gives the same bits.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// Tracks, pairs or targets that a kernel works on side by side: one AVX-512 register of `f64`.
pub const LANES: usize = 8;

/// Do the same for each number of a state or axis, up to nine: written out, so that the lanes stay the
/// innermost loop. Of a loop over the numbers the compiler makes vectors across the numbers, gathered
/// and scattered.
macro_rules! each_number {
    ($k:ident below $end:expr => $work:expr) => {
        $crate::simd::each_number!(@ $k, $end, $work; 0 1 2 3 4 5 6 7 8)
    };
    (@ $k:ident, $end:expr, $work:expr; $($number:literal)*) => {
        $({
            let $k: usize = $number;
            if $k < $end {
                $work;
            }
        })*
    };
}
pub(crate) use each_number;

/// An instruction set that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimdLevel {
    /// What every machine of the target has: SSE2 on x86-64, NEON on arm64.
    Baseline,
    /// AVX2.
    Avx2,
    /// AVX-512 F, DQ, VL and BW.
    Avx512,
}

impl SimdLevel {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// The highest level of this machine.
    pub fn detect() -> Self {
        Self::ALL.into_iter().rev().find(|level| level.is_available()).unwrap_or(Self::Baseline)
    }

    /// Whether this machine can run the level.
    pub fn is_available(self) -> bool {
        match self {
            Self::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The level itself when this machine can run it, an error that names it otherwise.
    pub fn checked(self) -> Result<Self> {
        if self.is_available() {
            return Ok(self);
        }
        Err(Error::Setting {
            setting: "simd level".into(),
            value: self.to_string(),
            limit: format!("at most {} on this machine", Self::detect()),
            remedy: "choose a lower level or leave it unset".into(),
        })
    }
}

impl fmt::Display for SimdLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

impl FromStr for SimdLevel {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|level| level.to_string() == name);
        found.ok_or_else(|| Error::Setting {
            setting: "simd level".into(),
            value: name.into(),
            limit: "one of baseline, avx2, avx512".into(),
            remedy: "leave it unset for the highest of this machine".into(),
        })
    }
}

/// Work that is compiled once per level. `run` and all it calls must be `#[inline(always)]`,
/// else it stays at the baseline.
pub trait Kernel {
    /// What the kernel returns.
    type Output;
    /// Do the work.
    fn run(self) -> Self::Output;
}

/// Run `kernel` with the instructions of `level`.
///
/// # Panics
/// If this machine cannot run the level; [`SimdLevel::checked`] gives an error instead.
pub fn dispatch<K: Kernel>(level: SimdLevel, kernel: K) -> K::Output {
    assert!(level.is_available(), "simd level {level} is not available on this machine");
    match level {
        SimdLevel::Baseline => kernel.run(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `is_available` above has seen AVX2 on this machine.
        SimdLevel::Avx2 => unsafe { run_avx2(kernel) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `is_available` above has seen all four AVX-512 parts on this machine.
        SimdLevel::Avx512 => unsafe { run_avx512(kernel) },
        #[cfg(not(target_arch = "x86_64"))]
        _ => kernel.run(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
