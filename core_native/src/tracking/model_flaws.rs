//! What users' motion models answered wrongly, on its way from the kernels to an error.
//!
//! The kernels note the flaws of all eight lanes; only the caller knows which hold tracks.

use crate::error::Result;
use crate::simd::LANES;
use crate::tracking::filter_bank::{Ahead, FilterBank};
use crate::tracking::user_filter::LaneFlaws;
use crate::tracking::user_motion::MotionFlaw;

impl FilterBank {
    /// Whether any model is one that a user wrote.
    #[inline(always)]
    pub const fn has_user_models(&self) -> bool {
        !self.models.users.is_empty()
    }

    /// Refuse what a user's model answered wrongly.
    ///
    /// # Errors
    /// [`crate::error::Error::Model`].
    #[inline(always)]
    pub fn check(&self, flaw: Option<MotionFlaw>) -> Result<()> {
        flaw.map_or(Ok(()), |flaw| self.refuse(&flaw))
    }

    /// The same of all that updates have met since the last time.
    ///
    /// # Errors
    /// [`crate::error::Error::Model`].
    pub fn check_updates(&mut self) -> Result<()> {
        let flaw = self.flaw.take();
        self.check(flaw)
    }

    /// Note the flaws of the tracks that an update concerns.
    #[inline(always)]
    pub fn note(&mut self, flaws: &LaneFlaws, which: &[bool; LANES]) {
        if self.has_user_models() {
            let concerned = flaws.iter().zip(which).filter(|&(_, &which)| which);
            self.flaw = self.flaw.or_else(|| concerned.filter_map(|(flaw, _)| *flaw).next());
        }
    }

    #[cold]
    fn refuse(&self, flaw: &MotionFlaw) -> Result<()> {
        let asked = self.models.users.iter().find(|user| user.place == flaw.place());
        asked.map_or(Ok(()), |user| Err(flaw.error(&user.model)))
    }
}

impl Ahead {
    /// Keep the flaws of another time, too.
    #[inline(always)]
    pub(super) fn join_flaws(&mut self, others: &LaneFlaws) {
        for (own, other) in self.flaws.iter_mut().zip(others) {
            *own = own.or(*other);
        }
    }
}
