//! From the time of day, which starts anew at midnight, to a time that only runs forward.

use super::fault::Reason;

/// Nanoseconds of one unit of I048/140 and I034/030, 1/128 s, exactly.
const TICK_NS: i64 = 1_000_000_000 / 128;
const TICKS_PER_DAY: i64 = 86_400 * 128;

/// Turns times of day into nanoseconds since the midnight (UTC) before the first one.
///
/// Each time is put on the day that brings it nearest to the one before. So midnight passes
/// unnoticed, also when reports around it come out of order; a pause of more than 12 hours loses
/// whole days, which the format cannot tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    latest_ticks: Option<i64>,
}

impl Clock {
    /// Time of a report \[ns\] from its time of day in 1/128 s.
    pub fn time_ns(&mut self, time_of_day: u32) -> Result<i64, Reason> {
        let ticks = i64::from(time_of_day);
        if ticks >= TICKS_PER_DAY {
            return Err(Reason::TimeOfDay(time_of_day));
        }
        let latest = self.latest_ticks.unwrap_or(ticks);
        let ahead = (ticks - latest).rem_euclid(TICKS_PER_DAY);
        let step = if ahead > TICKS_PER_DAY / 2 { ahead - TICKS_PER_DAY } else { ahead };
        self.latest_ticks = Some(latest + step);
        Ok((latest + step) * TICK_NS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_passes_in_both_directions() {
        let mut clock = Clock::default();
        let day = TICKS_PER_DAY as u32;
        let times = [day - 128, 0, day - 1, 128, day / 2, day - 1, 5].map(|t| clock.time_ns(t));
        let expected = [-128, 0, -1, 128, TICKS_PER_DAY / 2, TICKS_PER_DAY - 1, TICKS_PER_DAY + 5];
        assert_eq!(times, expected.map(|t| Ok((TICKS_PER_DAY + t) * TICK_NS)));
    }

    #[test]
    fn a_time_past_midnight_is_refused() {
        let mut clock = Clock::default();
        assert_eq!(clock.time_ns(11_059_199), Ok(86_399_992_187_500));
        assert_eq!(clock.time_ns(11_059_200), Err(Reason::TimeOfDay(11_059_200)));
    }
}
