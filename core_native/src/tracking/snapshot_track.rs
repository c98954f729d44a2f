//! One track in a snapshot.

use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse};
use crate::tracking::existence::MOST;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::lifecycle::Life;
use crate::tracking::object_type_evidence::ObjectTypeEvidence;
use crate::tracking::rules::Rules;
use crate::tracking::state_check::flaw_of_numbers;
use crate::tracking::track::{Description, Track};
use crate::tracking::track_table::TrackTable;

impl Writer {
    /// Append the track in a slot.
    pub(super) fn track(&mut self, table: &TrackTable, slot: u32) {
        let (state, time_ns) = (table.states.state(slot), table.states.time_ns(slot));
        let (life, track) = (&table.lives[slot as usize], &table.tracks[slot as usize]);
        for value in state.mean.iter().chain(&state.covariance) {
            self.put(value.to_le_bytes());
        }
        self.put(time_ns.to_le_bytes());
        self.put(track.birth_ns.to_le_bytes());
        self.put(track.number.to_le_bytes());
        self.put(track.track_id);
        self.put(life.existence.to_le_bytes());
        self.put(life.detected_ns.to_le_bytes());
        for count in
            [life.history, life.chances, life.hit_count, life.miss_count, life.detection_index]
        {
            self.put(count.to_le_bytes());
        }
        let description = table.description(slot as usize);
        self.put(description.snr_db.to_le_bytes());
        self.put(description.rcs_dbsm.to_le_bytes());
        self.put([life.status, life.event, description.range_band]);
        self.identity(&description.identity);
        self.type_evidence(&description.type_evidence);
        for number in table.states.bank.numbers(slot) {
            self.put(number.to_le_bytes());
        }
    }

    /// Append what was told of the kind of body.
    fn type_evidence(&mut self, evidence: &ObjectTypeEvidence) {
        let ObjectTypeEvidence { looks, rcs_sum_dbsm, last_rcs_dbsm, last_ns, reply_lead } =
            evidence;
        for number in [looks, rcs_sum_dbsm, last_rcs_dbsm] {
            self.put(number.to_le_bytes());
        }
        self.put(last_ns.to_le_bytes());
        self.put(reply_lead.to_le_bytes());
    }
}

impl Reader<'_> {
    /// Read a track into a slot.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for a time, a state or a probability that cannot be.
    pub(super) fn track(&mut self, table: &mut TrackTable, slot: u32, rules: &Rules) -> Result<()> {
        let mut state = Gaussian::ZERO;
        for value in state.mean.iter_mut().chain(&mut state.covariance) {
            *value = self.f64()? + 0.0; // no negative zero: an update relies on that
        }
        if let Some(flaw) = state.flaw() {
            return Err(refuse(format!("state{flaw}")));
        }
        let time_ns = self.time("state time")?;
        table.states.set(slot, &state, time_ns);
        let birth_ns = self.time("birth time")?;
        table.tracks[slot as usize] =
            Track { number: self.u64()?, track_id: self.array()?, birth_ns };
        let life = &mut table.lives[slot as usize];
        *life = Life {
            existence: self.existence()?,
            detected_ns: self.time("time of the last detection")?,
            history: self.u32()?,
            chances: self.u32()?,
            hit_count: self.u32()?,
            miss_count: self.u32()?,
            detection_index: self.u32()?,
            ..Life::ENDED
        };
        let mut description = Description::UNKNOWN;
        description.snr_db = f32::from_le_bytes(self.array()?);
        description.rcs_dbsm = f32::from_le_bytes(self.array()?);
        [life.status, life.event, description.range_band] = self.array()?;
        description.identity = self.identity(rules)?;
        description.type_evidence = self.type_evidence()?;
        self.filters(table, slot)?;
        if !description.is_unknown() {
            *table.description_mut(slot) = description;
        }
        Ok(())
    }

    /// Read a probability, which later steps divide by what is missing to one.
    fn existence(&mut self) -> Result<f64> {
        let existence = self.f64()?;
        if (0.0..=MOST).contains(&existence) {
            return Ok(existence);
        }
        Err(refuse(format!("existence is {existence}, must be 0 to {MOST}")))
    }

    /// Read what was told of the kind of body.
    fn type_evidence(&mut self) -> Result<ObjectTypeEvidence> {
        let mut evidence = ObjectTypeEvidence::NONE;
        evidence.looks = self.f64()?;
        evidence.rcs_sum_dbsm = self.f64()?;
        evidence.last_rcs_dbsm = self.f64()?;
        evidence.last_ns = self.time("time of a radar cross section")?;
        evidence.reply_lead = i8::from_le_bytes(self.array()?);
        if evidence.can_be() {
            return Ok(evidence);
        }
        Err(refuse(format!("evidence of a type is {evidence:?}, must come of detections")))
    }

    /// Read the filters of a track's motion models.
    fn filters(&mut self, table: &mut TrackTable, slot: u32) -> Result<()> {
        let bank = &mut table.states.bank;
        let mut numbers = Vec::with_capacity(bank.numbers_per_track());
        for _ in 0..bank.numbers_per_track() {
            numbers.push(self.f64()?);
        }
        let probabilities = &numbers[..bank.model_count()];
        if let Some(wrong) = probabilities.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            return Err(refuse(format!("model probability is {wrong}, must be 0 to 1")));
        }
        if let Some(flaw) = bank.states_of(&numbers).find_map(flaw_of_numbers) {
            return Err(refuse(format!("state by a motion model{flaw}")));
        }
        bank.set_numbers(slot, &numbers);
        Ok(())
    }
}
