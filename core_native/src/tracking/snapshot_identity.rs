//! What a track believes of its identity, in a snapshot.

use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse};
use crate::tracking::identity_belief::{
    Belief, CLAIMS, IdentityBelief, MOST_CONFLICTS, MOST_LEAD, Standing,
};
use crate::tracking::rules::Rules;
use crate::tracking::track::Identity;

impl Writer {
    /// Append an identity; what leads of its claims follows from them.
    pub(super) fn identity(&mut self, identity: &Identity) {
        let Identity { present, transponder_mode, belief, .. } = identity;
        self.put(present.to_le_bytes());
        self.put([*transponder_mode]);
        self.claims(&belief.address, u32::to_le_bytes);
        self.claims(&belief.mode_3a, u16::to_le_bytes);
        self.claims(&belief.transponder_id, |text| text);
        for standing in [&belief.address_standing, &belief.transponder_id_standing] {
            self.put(standing.since_ns.to_le_bytes());
            self.put(standing.taken_ns.to_le_bytes());
            self.put([standing.conflicts, standing.contests]);
        }
    }

    fn claims<V: Copy, const N: usize>(&mut self, belief: &Belief<V>, bytes: fn(V) -> [u8; N]) {
        belief.values.iter().for_each(|&value| self.put(bytes(value)));
        self.put(belief.leads);
    }
}

impl Reader<'_> {
    /// Read an identity.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for claims that cannot be.
    pub(super) fn identity(&mut self, rules: &Rules) -> Result<Identity> {
        let present = self.u32()?;
        let [transponder_mode] = self.array()?;
        let belief = IdentityBelief {
            address: self.claims(0, u32::from_le_bytes)?,
            mode_3a: self.claims(0, u16::from_le_bytes)?,
            transponder_id: self.claims([0; 32], |text| text)?,
            address_standing: self.standing()?,
            transponder_id_standing: self.standing()?,
        };
        let mut identity = Identity { present, transponder_mode, belief, ..Identity::UNKNOWN };
        rules.settle(&mut identity);
        Ok(identity)
    }

    fn standing(&mut self) -> Result<Standing> {
        let since_ns = self.time("time of a claim")?;
        let taken_ns = self.time("time when a claim was taken over")?;
        let [conflicts, contests] = self.array()?;
        if conflicts.max(contests) <= MOST_CONFLICTS {
            return Ok(Standing { since_ns, taken_ns, conflicts, contests });
        }
        Err(refuse(format!(
            "contradictions of a claim are {conflicts} and {contests}, must be at most {MOST_CONFLICTS}"
        )))
    }

    fn claims<V: Copy + PartialEq, const N: usize>(
        &mut self,
        zero: V,
        value: fn([u8; N]) -> V,
    ) -> Result<Belief<V>> {
        let mut belief = Belief::unheard(zero);
        for at in 0..CLAIMS {
            belief.values[at] = value(self.array()?);
        }
        belief.leads = self.array()?;
        let [first, second, third] = belief.leads;
        if first <= MOST_LEAD && second <= first && third <= second {
            return Ok(belief);
        }
        Err(refuse(format!(
            "claims lead by {:?} replies, must fall from at most {MOST_LEAD}",
            belief.leads
        )))
    }
}
