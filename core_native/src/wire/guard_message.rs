//! What a tracks message says of alerts.

use super::protobuf::{
    Field, Message, Reader, Sink, once, put_bytes, put_double, put_fixed64, put_message, put_uint,
    required,
};
use crate::detection::transponder_mode;
use crate::error::{Error, Result};
use crate::guard::alert::{AlertApproach, AlertKind, AlertRule, GuardAlert, GuardReport};
use crate::guard::document::{MAX_ID_BYTES, MAX_RULES, MAX_TEXT_BYTES, is_name};
use crate::guard::watch_table::MAX_ALERTS;
use crate::tracking::record::friend_foe;

impl Message for GuardReport {
    fn put_fields(&self, out: &mut impl Sink) {
        for rule in &self.rules {
            put_message(out, 1, rule);
        }
        for alert in &self.alerts {
            put_message(out, 2, alert);
        }
        put_uint(out, 3, self.unwatched_count);
    }
}

impl Message for AlertRule {
    fn put_fields(&self, out: &mut impl Sink) {
        put_bytes(out, 1, self.id.as_bytes());
        put_bytes(out, 2, self.title.as_bytes());
        put_bytes(out, 3, self.description.as_bytes());
        put_bytes(out, 4, self.action_required.as_bytes());
        put_uint(out, 5, u64::from(self.severity));
        put_bytes(out, 6, self.fsm_event.as_bytes());
    }
}

impl Message for GuardAlert {
    fn put_fields(&self, out: &mut impl Sink) {
        put_uint(out, 1, u64::from(self.rule));
        put_uint(out, 2, self.kind as u64);
        put_bytes(out, 3, &self.track_id);
        put_fixed64(out, 4, self.track_number.to_le_bytes());
        put_fixed64(out, 5, self.time_ns.to_le_bytes());
        put_fixed64(out, 6, self.since_ns.to_le_bytes());
        put_double(out, 7, self.range_m);
        put_double(out, 8, self.bearing_deg);
        put_double(out, 9, self.elevation_deg);
        put_double(out, 10, self.range_rate_m_s);
        put_double(out, 11, self.quality);
        put_uint(out, 12, u64::from(self.friend_foe));
        put_uint(out, 13, u64::from(self.transponder_on));
        put_uint(out, 14, u64::from(self.transponder_mode));
        if let Some(approach) = &self.approach {
            put_message(out, 15, approach);
        }
    }
}

impl Message for AlertApproach {
    fn put_fields(&self, out: &mut impl Sink) {
        put_double(out, 1, self.time_s);
        put_double(out, 2, self.distance_m);
        put_double(out, 3, self.probability);
    }
}

/// Read the field of a tracks message.
pub(super) fn read(field: &Field<'_>) -> Result<GuardReport> {
    let mut reader = field.message("guard")?;
    let mut report = GuardReport::default();
    let mut unwatched_count = None;
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => report.rules.push(read_rule(&field)?),
            2 => report.alerts.push(read_alert(&field)?),
            3 => {
                let name = "guard.unwatched_count";
                once(&mut unwatched_count, name, &field, field.varint(name)?)?;
            }
            _ => {}
        }
    }
    report.unwatched_count = required(unwatched_count, "guard.unwatched_count", &reader)?;
    Ok(report)
}

/// Read the fields of a message, each at most once and all of them there.
macro_rules! read_fields {
    ($field:expr, $what:literal, {$($number:literal $name:ident $read:expr;)*}) => {{
        let mut reader: Reader<'_> = $field.message($what)?;
        $(let mut $name = None;)*
        while let Some(field) = reader.next_field()? {
            match field.number {
                $($number => {
                    let name = concat!($what, ".", stringify!($name));
                    once(&mut $name, name, &field, $read(&field, name)?)?;
                })*
                _ => {}
            }
        }
        $(let $name = required($name, concat!($what, ".", stringify!($name)), &reader)?;)*
        ($($name,)*)
    }};
}

fn read_rule(field: &Field<'_>) -> Result<AlertRule> {
    let (id, title, description, action_required, severity, fsm_event) = read_fields!(field, "guard.rules", {
        1 id text;
        2 title text;
        3 description text;
        4 action_required text;
        5 severity byte;
        6 fsm_event text;
    });
    Ok(AlertRule { id, title, description, action_required, severity, fsm_event })
}

fn read_alert(field: &Field<'_>) -> Result<GuardAlert> {
    // The approach is the one field that may be absent; it is looked for on its own.
    let mut reader = field.message("guard.alerts")?;
    let mut approach = None;
    while let Some(field) = reader.next_field()? {
        if field.number == 15 {
            once(&mut approach, "guard.alerts.approach", &field, read_approach(&field)?)?;
        }
    }
    let (
        rule,
        kind,
        track_id,
        track_number,
        time_ns,
        since_ns,
        range_m,
        bearing_deg,
        elevation_deg,
        range_rate_m_s,
        quality,
        friend_foe,
        transponder_on,
        transponder_mode,
    ) = read_fields!(field, "guard.alerts", {
        1 rule word;
        2 kind alert_kind;
        3 track_id Field::array;
        4 track_number Field::fixed64;
        5 time_ns time;
        6 since_ns time;
        7 range_m Field::double;
        8 bearing_deg Field::double;
        9 elevation_deg Field::double;
        10 range_rate_m_s Field::double;
        11 quality Field::double;
        12 friend_foe byte;
        13 transponder_on Field::truth;
        14 transponder_mode byte;
    });
    Ok(GuardAlert {
        rule,
        kind,
        track_id,
        track_number,
        time_ns,
        since_ns,
        range_m,
        bearing_deg,
        elevation_deg,
        range_rate_m_s,
        quality,
        friend_foe,
        transponder_on,
        transponder_mode,
        approach,
    })
}

fn read_approach(field: &Field<'_>) -> Result<AlertApproach> {
    let (time_s, distance_m, probability) = read_fields!(field, "guard.alerts.approach", {
        1 time_s Field::double;
        2 distance_m Field::double;
        3 probability Field::double;
    });
    Ok(AlertApproach { time_s, distance_m, probability })
}

fn text(field: &Field<'_>, name: &str) -> Result<String> {
    field.text(name).map(Into::into)
}

fn time(field: &Field<'_>, name: &str) -> Result<i64> {
    field.fixed64(name).map(u64::cast_signed)
}

fn byte(field: &Field<'_>, name: &str) -> Result<u8> {
    let number = field.varint(name)?;
    u8::try_from(number)
        .map_err(|_| field.error(format!("{name} is {number}, must be at most 255")))
}

fn word(field: &Field<'_>, name: &str) -> Result<u32> {
    let number = field.varint(name)?;
    u32::try_from(number)
        .map_err(|_| field.error(format!("{name} is {number}, must be below 2^32")))
}

fn alert_kind(field: &Field<'_>, name: &str) -> Result<AlertKind> {
    let number = field.varint(name)?;
    let found = AlertKind::ALL.into_iter().find(|kind| *kind as u64 == number);
    found.ok_or_else(|| {
        field.error(format!("{name} is {number}, must be 1 (raised), 2 (cleared) or 3 (lost)"))
    })
}

/// Refuse alerts that break the contract; the error names field, value and limit.
pub fn check(report: &GuardReport) -> Result<()> {
    within("len(rules)", report.rules.len() as f64, 0.0, MAX_RULES as f64)?;
    within("len(alerts)", report.alerts.len() as f64, 0.0, MAX_ALERTS as f64)?;
    report.rules.iter().try_for_each(check_rule)?;
    report.alerts.iter().try_for_each(|alert| check_alert(alert, report.rules.len()))
}

fn check_rule(rule: &AlertRule) -> Result<()> {
    within("severity", f64::from(rule.severity), 1.0, 3.0)?;
    for (name, text, least, most) in [
        ("id", &rule.id, 1, MAX_ID_BYTES),
        ("title", &rule.title, 1, MAX_TEXT_BYTES),
        ("description", &rule.description, 1, MAX_TEXT_BYTES),
        ("action_required", &rule.action_required, 0, MAX_TEXT_BYTES),
        ("fsm_event", &rule.fsm_event, 0, MAX_ID_BYTES),
    ] {
        if !(least..=most).contains(&text.len()) {
            return refuse(&format!("len({name})"), text.len(), format!("{least} to {most} bytes"));
        }
    }
    for (name, text) in [("id", &rule.id), ("fsm_event", &rule.fsm_event)] {
        if !is_name(text) {
            return refuse(name, format!("{text:?}"), "of letters, digits, _ and -".into());
        }
    }
    Ok(())
}

fn check_alert(alert: &GuardAlert, rules: usize) -> Result<()> {
    if alert.rule as usize >= rules {
        return refuse("rule", alert.rule, format!("below the number of rules, {rules}"));
    }
    if alert.track_number == 0 {
        return refuse("track_number", 0, "at least 1".into());
    }
    if alert.since_ns > alert.time_ns {
        return refuse("since_ns", alert.since_ns, format!("at most time_ns, {}", alert.time_ns));
    }
    within("range_m", alert.range_m, 0.0, f64::MAX)?;
    within("bearing_deg", alert.bearing_deg, 0.0, 360.0_f64.next_down())?;
    within("elevation_deg", alert.elevation_deg, -90.0, 90.0)?;
    within("range_rate_m_s", alert.range_rate_m_s, f64::MIN, f64::MAX)?;
    within("quality", alert.quality, 0.0, 1.0)?;
    within("friend_foe", f64::from(alert.friend_foe), 0.0, f64::from(friend_foe::UNKNOWN))?;
    let most = f64::from(transponder_mode::SPOOF);
    within("transponder_mode", f64::from(alert.transponder_mode), 0.0, most)?;
    let Some(approach) = &alert.approach else { return Ok(()) };
    within("approach.time_s", approach.time_s, f64::MIN, f64::MAX)?;
    within("approach.distance_m", approach.distance_m, 0.0, f64::MAX)?;
    within("approach.probability", approach.probability, 0.0, 1.0)
}

fn within(field: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let limit = if high < f64::MAX { format!("{low} to {high}") } else { "finite".into() };
    refuse(field, value, limit)
}

fn refuse(field: &str, value: impl ToString, limit: String) -> Result<()> {
    Err(Error::Tracks { field: format!("guard.{field}"), value: value.to_string(), limit })
}
