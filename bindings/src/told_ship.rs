//! What `Radar.with_own_ship` and `Radar.with_told_target` are told.

use pyo3::prelude::*;
use qiki_core::radar::{FaultyRadar, ToldShip};
use qiki_core::scene::scenario::MAX_IDENTITY_BYTES;
use qiki_core::scene::told_way::ToldState;
use qiki_core::scene::transponder::told_reply;

use crate::errors::Result;
use crate::own_ship_state::OwnShipState;

/// The arguments of one body, in the core's types.
pub struct ToldArguments {
    states: Vec<ToldState>,
    reply: Option<(u8, [u8; MAX_IDENTITY_BYTES])>,
}

impl ToldArguments {
    /// Those of a body of the scenario that `radar` watches, in that scenario's time.
    pub fn new(
        radar: &FaultyRadar,
        states: Vec<PyRef<'_, OwnShipState>>,
        transponder_mode: Option<u8>,
        transponder_id: Option<&str>,
    ) -> Result<Self> {
        let told = |state: PyRef<'_, OwnShipState>| ToldState {
            time_s: radar.radar().scenario_time_s(state.time_ns),
            position_m: state.position_m,
            velocity_m_s: state.velocity_m_s,
            heading_deg: state.heading_deg,
        };
        let reply = told_reply(transponder_mode, transponder_id)?;
        Ok(Self { states: states.into_iter().map(told).collect(), reply })
    }

    /// As the core takes them.
    pub fn ship(&self) -> ToldShip<'_> {
        ToldShip { states: &self.states, reply: self.reply }
    }
}
