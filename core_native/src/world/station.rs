//! One radar of the running world: which frame it sends next, and when.

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::radar::band_split::banded;
use crate::radar::plot_record::Plots;
use crate::radar::{Delivery, FaultyRadar, SimulatedFrame};

/// A frame on its way out.
pub struct Arrival {
    /// The frame, each detection with its band and those of the long range without identity.
    pub simulated: SimulatedFrame,
    /// 0, and more where a fault repeats it.
    pub copy: u32,
}

/// A radar, with or without power.
///
/// A frame is due when it ends. When the radar is off or has no power then, a clock frame takes the
/// number, half way to the next frame. A frame that a fault delays or repeats is held until it is due.
/// For a frame that a user's model spoils a clock frame of its time goes out.
#[derive(Clone)]
pub struct Station {
    /// May be replaced by the same radar elsewhere, which acts on the next frame.
    pub radar: FaultyRadar,
    /// Whether it can look; may be changed at any time and acts on the next frame.
    pub has_power: bool,
    /// Number of the next frame.
    number: u64,
    look_ns: i64,
    /// In the order in which they are due.
    held: VecDeque<Held>,
    /// The frame of this number is missing: its clock frame is due.
    is_missing: bool,
    start_time_ns: i64,
    /// Memory that one frame leaves to the next.
    scratch: Plots,
}

/// What a frame is made of, which is due later; not the frame: thousands may be on their way.
#[derive(Clone)]
struct Held {
    due_ns: i64,
    number: u64,
    copy: u32,
    radar: FaultyRadar,
}

impl Held {
    const fn order(&self) -> (i64, u64, u32) {
        (self.due_ns, self.number, self.copy)
    }
}

impl Station {
    /// A radar whose frame 0 is at `start_time_ns`, with power.
    pub fn new(radar: FaultyRadar, start_time_ns: i64) -> Self {
        Self {
            radar,
            has_power: true,
            number: 0,
            look_ns: 0,
            held: VecDeque::new(),
            is_missing: false,
            start_time_ns,
            scratch: Plots::default(),
        }
    }

    /// When [`Station::take`] is to be called next, counted from the start \[ns\].
    pub fn due_ns(&self) -> i64 {
        self.held.front().map_or(self.look_ns, |first| first.due_ns.min(self.look_ns))
    }

    /// Whether what it takes next repeats an earlier frame, whatever the radar is told.
    pub fn is_stuck(&self) -> bool {
        self.radar.is_stuck(self.number)
    }

    /// What is due now; none where nothing is: a look, and its frame comes later.
    ///
    /// # Errors
    /// [`Error::Setting`] where the scenario's clock ends, [`Error::Frame`] for a radar that has left
    /// the world.
    pub fn take(&mut self) -> Result<Option<Arrival>> {
        let now_ns = self.due_ns();
        if now_ns == self.look_ns
            && let Some(simulated) = self.look(now_ns)?
        {
            return Ok(Some(Arrival { simulated, copy: 0 }));
        }
        if self.held.front().is_none_or(|first| first.due_ns > now_ns) {
            return Ok(None);
        }
        let Some(Held { number, copy, radar, .. }) = self.held.pop_front() else {
            return Ok(None);
        };
        let mut simulated = match radar.frame_with(number, &mut self.scratch) {
            Err(Error::Model { .. }) => {
                radar.clock_frame(number, radar.radar().frame_time_ns(number)?)
            }
            frame => frame,
        }?;
        let sr_threshold_m = radar.radar().sensor().sr_threshold_m;
        for detection in &mut simulated.frame.detections {
            *detection = banded(detection, sr_threshold_m);
        }
        Ok(Some(Arrival { simulated, copy }))
    }

    /// Look, and hold the frame; the clock frame where that is due instead.
    fn look(&mut self, now_ns: i64) -> Result<Option<SimulatedFrame>> {
        let number = self.number;
        let mut clock_frame = None;
        if self.is_missing {
            clock_frame = Some(self.radar.clock_frame(number, self.start_time_ns + now_ns)?);
        } else if self.has_power && !self.radar.is_off(number) {
            self.hold(number, now_ns);
        } else {
            self.is_missing = true;
            let next_ns = self.frame_due_ns(number + 1)?;
            self.look_ns = i64::midpoint(now_ns, next_ns);
            return Ok(None);
        }
        self.is_missing = false;
        self.number += 1;
        self.look_ns = self.frame_due_ns(self.number)?;
        Ok(clock_frame)
    }

    fn frame_due_ns(&self, number: u64) -> Result<i64> {
        Ok(self.radar.radar().frame_time_ns(number)? - self.start_time_ns)
    }

    fn hold(&mut self, number: u64, now_ns: i64) {
        let Delivery { delay_ns, copies } = self.radar.delivery(number);
        for copy in 0..copies {
            let due_ns = now_ns.saturating_add(delay_ns);
            let held = Held { due_ns, number, copy, radar: self.radar.clone() };
            let place = self.held.partition_point(|other| other.order() < held.order());
            self.held.insert(place, held);
        }
    }
}
