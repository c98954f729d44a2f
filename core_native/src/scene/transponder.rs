//! What the transponder of a body replies, checked.

use crate::detection::transponder_mode;
use crate::error::{Error, Result};
use crate::numeric::round;
use crate::quote::quoted;
use crate::radar::transponder::gillham;
use crate::scene::place::Place;
use crate::scene::scenario::MAX_IDENTITY_BYTES;
use crate::scene::transponder_document::{
    HeightReportDocument, TransponderDocument, TransponderModeDocument,
};

/// Metres of a foot.
pub const FOOT_M: f64 = 0.3048;
/// Finest step of a height report \[ft\].
const FINE_STEP_FT: i32 = 25;
/// Lowest and highest altitude that is reported in fine steps \[ft\], the ends of a number of 11
/// bits: ICAO Annex 10, vol. IV, 3.1.2.6.5.4.
const FINE_LIMITS_FT: [f64; 2] = [-1000.0, 50_175.0];

/// What a target's transponder does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Transponder {
    /// One of [`crate::detection::transponder_mode`].
    pub mode: u8,
    /// Identity in text that it replies with, padded with zero bytes; empty where it has none.
    pub id: [u8; MAX_IDENTITY_BYTES],
    /// Mode 3/A code, 12 bits.
    pub mode_3a: Option<u16>,
    /// 24-bit address. One that has it is asked by it, in Mode S.
    pub address: Option<u32>,
    /// Whether it reports its height, and how fine.
    pub height_report: HeightReportDocument,
}

/// A mode and an identity as a simulated transponder tells them; none without both.
///
/// # Errors
/// [`Error::Setting`] for a mode that is none, and an identity without a mode or that is too long.
pub fn told_reply(
    mode: Option<u8>,
    id: Option<&str>,
) -> Result<Option<(u8, [u8; MAX_IDENTITY_BYTES])>> {
    let refused = |setting: &str, value: String, limit: String| Error::Setting {
        setting: setting.into(),
        value,
        limit,
        remedy: "tell what the own ship's transponder does".into(),
    };
    let Some(mode) = mode else {
        let Some(id) = id else { return Ok(None) };
        let limit = "told with a transponder_mode, or not at all".into();
        return Err(refused("transponder_id", quoted(id), limit));
    };
    let id = id.unwrap_or_default();
    if mode > transponder_mode::SPOOF {
        return Err(refused("transponder_mode", mode.to_string(), "0 to 3".into()));
    }
    if id.len() > MAX_IDENTITY_BYTES {
        let limit = format!("at most {MAX_IDENTITY_BYTES} bytes");
        return Err(refused("transponder_id", quoted(id), limit));
    }
    Ok(Some((mode, padded(id))))
}

impl Transponder {
    /// The same transponder in another mode, with another identity in text.
    pub const fn replying(&self, mode: u8, id: [u8; MAX_IDENTITY_BYTES]) -> Self {
        Self { mode, id, ..*self }
    }

    /// Check the document of a transponder.
    pub fn from_document(place: &Place<'_>, document: &TransponderDocument) -> Self {
        let TransponderDocument { mode, id, mode_3a, address, reports_height } = document;
        use TransponderModeDocument::{On, Spoof};
        if let Some(id) = id {
            place.key("id").text(id, MAX_IDENTITY_BYTES);
        } else if matches!(mode, On | Spoof) && mode_3a.is_none() && address.is_none() {
            place.key("id").problem(
                "is missing: a transponder that replies needs an identity, id, mode_3a or address",
            );
        }
        if *reports_height == HeightReportDocument::In25Ft && address.is_none() {
            place.key("address").problem("is missing: a height in steps of 25 ft is one of Mode S");
        }
        let mode_3a =
            mode_3a.as_ref().map(|text| digits(&place.key("mode_3a"), text, OCTAL) as u16);
        let address = address.as_ref().map(|text| digits(&place.key("address"), text, HEXADECIMAL));
        Self {
            mode: *mode as u8,
            id: padded(id.as_deref().unwrap_or_default()),
            mode_3a,
            address,
            height_report: *reports_height,
        }
    }

    /// Whether it replies, truly or not.
    pub const fn replies(&self) -> bool {
        matches!(self.mode, transponder_mode::ON | transponder_mode::SPOOF)
    }

    /// Whether its text id is all that it replies.
    pub fn replies_with_text_only(&self) -> bool {
        let Self { mode_3a, address, height_report, .. } = self;
        mode_3a.is_none() && address.is_none() && *height_report == HeightReportDocument::Never
    }

    /// The altitude that it reports at `altitude_ft`, and its step \[ft\]; none outside what can be
    /// reported.
    pub fn reported_ft(&self, altitude_ft: f64) -> Option<(i32, i32)> {
        let in_100_ft = || {
            let altitude_ft = gillham::encode(altitude_ft).and_then(gillham::decode);
            altitude_ft.map(|altitude_ft| (altitude_ft, gillham::STEP_FT))
        };
        let step_ft = f64::from(FINE_STEP_FT);
        let fine_ft = round(altitude_ft / step_ft) * step_ft;
        let is_fine = (FINE_LIMITS_FT[0]..=FINE_LIMITS_FT[1]).contains(&fine_ft);
        match self.height_report {
            HeightReportDocument::Never => None,
            HeightReportDocument::In25Ft if is_fine => Some((fine_ft as i32, FINE_STEP_FT)),
            HeightReportDocument::In25Ft | HeightReportDocument::In100Ft => in_100_ft(),
        }
    }
}

/// The bytes of `id`, padded with zeros, cut at the record's size.
pub fn padded(id: &str) -> [u8; MAX_IDENTITY_BYTES] {
    let mut bytes = [0; MAX_IDENTITY_BYTES];
    bytes.iter_mut().zip(id.bytes()).for_each(|(to, from)| *to = from);
    bytes
}

/// How many digits a number has, to what base, and what they are called.
type Digits = (usize, u32, &'static str);
const OCTAL: Digits = (4, 8, "4 octal");
const HEXADECIMAL: Digits = (6, 16, "6 hexadecimal");

/// The number that `text` says; zero of one that is refused.
fn digits(place: &Place<'_>, text: &str, (count, base, name): Digits) -> u32 {
    // Digits alone: the parser would take a sign.
    let is_right = text.len() == count && text.chars().all(|digit| digit.is_digit(base));
    let number = u32::from_str_radix(text, base).ok().filter(|_| is_right);
    number.unwrap_or_else(|| {
        let start: String = text.chars().take(20).collect();
        place.problem(format!("is {start:?}, must be {name} digits in quotes"));
        0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::problems::Problems;

    fn checked(document: &TransponderDocument) -> Result<Transponder, String> {
        let problems = Problems::default();
        let transponder = Transponder::from_document(&problems.root(), document);
        problems.accept(transponder).map_err(|error| error.to_string())
    }

    fn document(mode_3a: &str, address: &str) -> TransponderDocument {
        TransponderDocument {
            mode: TransponderModeDocument::On,
            mode_3a: Some(mode_3a.into()),
            address: Some(address.into()),
            ..TransponderDocument::default()
        }
    }

    #[test]
    fn codes_are_octal_and_addresses_hexadecimal() {
        let transponder = checked(&document("0421", "4b1A2C")).unwrap();
        assert_eq!((transponder.mode_3a, transponder.address), (Some(0o421), Some(0x4b_1a2c)));
        for wrong in ["7800", "421", "+421", "00421", ""] {
            let error = checked(&document(wrong, "4b1A2C")).unwrap_err();
            assert!(error.contains("mode_3a") && error.contains("4 octal digits"), "{error}");
        }
        for wrong in ["4b1A2G", "4b1A2", "-b1A2C", "4b1A2C0"] {
            let error = checked(&document("0421", wrong)).unwrap_err();
            assert!(error.contains("address") && error.contains("6 hexadecimal"), "{error}");
        }
    }

    #[test]
    fn an_identity_is_told_with_its_mode() {
        assert_eq!(told_reply(None, None), Ok(None));
        assert_eq!(told_reply(Some(1), Some("A")), Ok(Some((1, padded("A")))));
        assert_eq!(told_reply(Some(2), None), Ok(Some((2, padded("")))));
        let alone = told_reply(None, Some("SPOOF-9")).unwrap_err().to_string();
        assert!(alone.starts_with("transponder_id is \"SPOOF-9\", must be told with a"), "{alone}");
        let long = told_reply(Some(1), Some(&"x".repeat(1 << 20))).unwrap_err().to_string();
        assert!(long.contains("at most 32 bytes") && long.len() < 200, "{long}");
    }

    #[test]
    fn a_transponder_that_replies_has_an_identity() {
        let none = TransponderDocument { mode_3a: None, address: None, ..document("", "") };
        assert!(checked(&none).unwrap_err().contains("id: is missing"));
        let off = TransponderDocument { mode: TransponderModeDocument::Off, ..none };
        assert!(!checked(&off).unwrap().replies());
    }

    #[test]
    fn heights_come_in_steps() {
        let with = |height_report| Transponder { height_report, ..Transponder::default() };
        let coarse = with(HeightReportDocument::In100Ft);
        assert_eq!(coarse.reported_ft(10_049.0), Some((10_000, 100)));
        assert_eq!(coarse.reported_ft(126_800.0), None);
        let fine = with(HeightReportDocument::In25Ft);
        assert_eq!(fine.reported_ft(10_038.0), Some((10_050, 25)));
        assert_eq!(fine.reported_ft(-1000.0), Some((-1000, 25)));
        assert_eq!(fine.reported_ft(-1100.0), None);
        assert_eq!(fine.reported_ft(50_170.0), Some((50_175, 25)));
        assert_eq!(fine.reported_ft(50_190.0), Some((50_200, 100)));
        assert_eq!(with(HeightReportDocument::Never).reported_ft(0.0), None);
        let error = checked(&TransponderDocument {
            reports_height: HeightReportDocument::In25Ft,
            address: None,
            ..document("0421", "")
        });
        assert!(error.unwrap_err().contains("address: is missing: a height in steps of 25 ft"));
    }
}
