//! Replies by range and bearing, so that those which can be taken for each other are found without
//! a look at all the others.

use crate::frame_limits::MAX_SPEED_M_S;
use crate::numeric::wrap_360;
use crate::radar::transponder::reply_train::{PLACE_US, PLACES};

/// Replies of more than this distance in range never overlap \[m\].
const ROW_M: f64 = PLACES as f64 * PLACE_US * 1e-6 * MAX_SPEED_M_S / 2.0;

/// The row and the bearing \[deg\] of a reply, and the number that it goes by.
type PlacedReply = (i64, f64, usize);

/// Replies in rows of equal width in range, each row by bearing.
#[derive(Debug, Default)]
pub struct ReplyRows(Vec<PlacedReply>);

impl ReplyRows {
    /// Rows of replies: range \[m\], bearing \[deg\] and the number that each goes by.
    pub fn new(replies: impl Iterator<Item = (f64, f64, usize)>) -> Self {
        let mut rows: Vec<PlacedReply> =
            replies.map(|(range_m, deg, number)| (row_of(range_m), deg, number)).collect();
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        Self(rows)
    }

    /// Numbers of the replies that lie less than `beamwidth_deg` clockwise of a bearing, or at it,
    /// and may overlap with one from this range: row by row, each by bearing from there.
    pub fn clockwise_of(
        &self,
        range_m: f64,
        bearing_deg: f64,
        beamwidth_deg: f64,
    ) -> impl Iterator<Item = usize> {
        let middle = row_of(range_m);
        (middle - 1..=middle + 1).flat_map(move |row| {
            let begin = self.0.partition_point(|reply| reply.0 < row);
            let of_row = &self.0[begin..];
            let of_row = &of_row[..of_row.partition_point(|reply| reply.0 == row)];
            let from = of_row.partition_point(|reply| reply.1 < bearing_deg);
            let on = of_row[from..].iter().chain(&of_row[..from]);
            on.take_while(move |reply| wrap_360(reply.1 - bearing_deg) < beamwidth_deg)
                .map(|reply| reply.2)
        })
    }
}

fn row_of(range_m: f64) -> i64 {
    (range_m / ROW_M).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radar::transponder::reply_train::{REPLY_LENGTH_M, shift_between};

    #[test]
    fn nobody_near_is_left_out_and_nobody_far_is_found() {
        let place = |k: usize| (k as f64 * 517.0 % 20_000.0, k as f64 * 77.7 % 360.0);
        let rows = ReplyRows::new((0..500).map(|k| (place(k).0, place(k).1, k)));
        for one in 0..500 {
            let (range_m, bearing_deg) = place(one);
            let mut found: Vec<_> = rows.clockwise_of(range_m, bearing_deg, 9.0).collect();
            found.sort_unstable();
            for other in 0..500 {
                let (other_m, other_deg) = place(other);
                let in_beam = wrap_360(other_deg - bearing_deg) < 9.0;
                let overlaps = shift_between(range_m, other_m).is_some()
                    || (range_m - other_m).abs() < REPLY_LENGTH_M;
                let is_found = found.binary_search(&other).is_ok();
                assert!(is_found || !(in_beam && overlaps), "{one} {other}");
                assert!(!is_found || in_beam && (range_m - other_m).abs() <= 2.0 * ROW_M);
            }
        }
    }

    #[test]
    fn those_of_one_row_come_clockwise_past_north() {
        let bearings_deg = [0.5, 358.0, 359.0, 10.0];
        let rows = ReplyRows::new((0..).zip(bearings_deg).map(|(k, deg)| (4000.0, deg, k)));
        assert!(rows.clockwise_of(4000.0, 358.0, 5.0).eq([1, 2, 0]));
    }
}
