//! Times as RFC 3339 text in UTC with microseconds, as `2026-11-23T12:21:13.012094Z`.

use std::fmt;

use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

const NS_PER_US: i64 = 1000;
const US_PER_S: i64 = 1_000_000;
const S_PER_DAY: i64 = 86_400;
const FORM: &str = "a time as 2026-11-23T12:21:13.012094Z, from 1677 to 2262";

/// A time \[µs since 1970\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The microsecond in which a time lies.
    pub const fn of_ns(time_ns: i64) -> Self {
        Self(time_ns.div_euclid(NS_PER_US))
    }

    /// The time \[ns since 1970\].
    pub const fn ns(self) -> i64 {
        self.0 * NS_PER_US // fits: `parse` and `of_ns` give no other
    }

    /// The time \[µs since 1970\].
    ///
    /// # Errors
    /// [`Error::Frame`] before 1970.
    pub fn since_1970_us(self) -> Result<u64> {
        u64::try_from(self.0).map_err(|_| Error::Frame {
            field: "timestamp".into(),
            value: self.to_string(),
            limit: "1970 or later, where no x-qiki-scan numbers the frame".into(),
        })
    }

    /// The time of RFC 3339 text, whatever its zone; digits behind the microseconds are cut.
    fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let (time, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
        let in_range = (1677..=2262).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_of_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        let (fraction_us, zone) = fraction(rest)?;
        let of_day = hour * 3600 + minute * 60 + second - zone_s(zone)?;
        let seconds = days_of(year, month, day) * S_PER_DAY + of_day;
        let time = Self(seconds * US_PER_S + fraction_us);
        // A time must be one of nanoseconds in 64 bits, too.
        (in_range && time.0.checked_mul(NS_PER_US).is_some()).then_some(time)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, us) = (self.0.div_euclid(US_PER_S), self.0.rem_euclid(US_PER_S));
        let (days, of_day) = (seconds.div_euclid(S_PER_DAY), seconds.rem_euclid(S_PER_DAY));
        let (year, month, day) = date_of(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{us:06}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FORM)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                let found = Timestamp::parse(text);
                found.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Numbers of so many digits with `separator` between them.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (value, digits) in found.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        *value = number(part)?;
    }
    parts.next().is_none().then_some(found)
}

fn number(digits: &str) -> Option<i64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Microseconds of a fraction of a second, where there is one, and what stands behind it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = text.bytes().position(|byte| !byte.is_ascii_digit())?;
    let (digits, zone) = text.split_at(end);
    let known = digits.get(..end.min(6)).filter(|known| !known.is_empty())?;
    let scale = (known.len()..6).fold(1, |scale, _| scale * 10);
    Some((number(known)? * scale, zone))
}

/// Seconds that the clock of a zone is ahead of UTC.
fn zone_s(zone: &str) -> Option<i64> {
    let ahead = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", ahead) => (1, ahead),
        ("-", ahead) => (-1, ahead),
        _ => return None,
    };
    let [hours, minutes] = numbers(ahead.1, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(ahead.0 * (hours * 3600 + minutes * 60))
}

const fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March, so that the leap
/// day ends one (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2021, days_from_civil).
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day so many days after 1970-01-01 (ibid., civil_from_days).
const fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<i64> {
        Timestamp::parse(text).map(|time| time.0)
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for days in -74_000..=74_000 {
            let time = Timestamp(days * S_PER_DAY * US_PER_S + 86_399_999_999);
            assert_eq!(Timestamp::parse(&time.to_string()), Some(time), "{time}");
        }
        assert_eq!(Timestamp::of_ns(-1).to_string(), "1969-12-31T23:59:59.999999Z");
        assert_eq!(
            Timestamp::of_ns(951_782_400_000_001_999).to_string(),
            "2000-02-29T00:00:00.000001Z"
        );
    }

    #[test]
    fn zones_and_fractions_are_read() {
        let time = parsed("2026-11-23T12:21:13.012094Z");
        assert_eq!(time, Some(1_795_436_473_012_094));
        for same in [
            "2026-11-23 13:21:13.012094+01:00",
            "2026-11-23T06:51:13.012094999-05:30",
            "2026-11-23t12:21:13.0120940z",
        ] {
            assert_eq!(parsed(same), time, "{same}");
        }
        assert_eq!(parsed("1970-01-01T00:00:01Z"), Some(US_PER_S));
        assert_eq!(parsed("1970-01-01T00:00:00.5Z"), Some(US_PER_S / 2));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-23",
            "2026-11-23T12:21:13",
            "2026-11-23T12:21:13.Z",
            "2026-11-23T12:21:13.5",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T12:60:00Z",
            "2026-11-23T12:21:60Z",
            "2026-11-23T12:21:13+1:00",
            "2026-11-23T12:21:13Zulu",
            "+026-11-23T12:21:13Z",
            "0001-01-01T00:00:00Z",
            "2262-12-31T00:00:00Z",
            "2026-11-2é12:21:13Z",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
