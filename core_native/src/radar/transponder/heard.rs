//! One reply that the radar's receiver has heard.

use crate::radar::plot_record::{NO_TARGET, Source};
use crate::radar::transponder::gillham;
use crate::radar::transponder::reply_train::ReplyTrain;
use crate::scene::transponder::Transponder;

/// What a reply in Mode A or C is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenReplies {
    /// Pulses sent when asked in Mode A, for the identity; none from one that has no code.
    pub mode_a: Option<ReplyTrain>,
    /// Pulses sent when asked in Mode C, for the altitude: the framing pulses alone from one that
    /// reports none. None where Mode C was not asked.
    pub mode_c: Option<ReplyTrain>,
}

/// An altitude and its step \[ft\].
pub type Altitude = (i32, i32);

/// What is read of the code and the altitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Asked by address, in Mode S: read as it was sent.
    Selective {
        /// Mode 3/A code.
        mode_3a: Option<u16>,
        /// Altitude.
        altitude: Option<Altitude>,
    },
    /// Asked together with all others in the beam: read as the pulses say.
    Open(OpenReplies),
}

impl Answer {
    /// The code and the altitude at `altitude_ft` of a transponder.
    pub fn of(transponder: &Transponder, altitude_ft: f64) -> Self {
        let Transponder { mode_3a, address, .. } = *transponder;
        let altitude = transponder.reported_ft(altitude_ft);
        if address.is_some() {
            return Self::Selective { mode_3a, altitude };
        }
        let is_of_text_only = transponder.replies_with_text_only();
        let altitude_code = altitude.and_then(|(ft, _)| gillham::encode(f64::from(ft)));
        let mode_c = ReplyTrain::of_code(altitude_code.unwrap_or(0));
        Self::Open(OpenReplies {
            mode_a: mode_3a.map(ReplyTrain::of_code),
            mode_c: (!is_of_text_only).then_some(mode_c),
        })
    }

    /// The Mode 3/A code that is read.
    pub fn mode_3a(&self) -> Option<u16> {
        match self {
            Self::Selective { mode_3a, .. } => *mode_3a,
            Self::Open(replies) => replies.mode_a.map(ReplyTrain::code),
        }
    }

    /// The altitude that is read; none where the code stands for none.
    pub fn altitude(&self) -> Option<Altitude> {
        match self {
            Self::Selective { altitude, .. } => *altitude,
            Self::Open(replies) => {
                let altitude_ft = replies.mode_c.map(ReplyTrain::code).and_then(gillham::decode);
                altitude_ft.map(|altitude_ft| (altitude_ft, gillham::STEP_FT))
            }
        }
    }
}

/// A reply.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// Who replied.
    pub source: Source,
    /// Slant range \[m\]: what decides when the reply comes.
    pub range_m: f64,
    /// Bearing \[deg\].
    pub bearing_deg: f64,
    /// Range \[m\] and bearing \[deg\] as measured.
    pub measured: [f64; 2],
    /// Position of the radar on Z \[m\], as it believes.
    pub own_height_m: f64,
    /// When, on the run's clock \[ns\]; none before the look has told it.
    pub time_ns: Option<i64>,
    /// What was replied.
    pub answer: Answer,
    /// Key of the draws: who, and in which look.
    pub key: [u64; 2],
}

impl Heard {
    /// Whether nobody whom this radar has asked replied.
    pub const fn is_fruit(&self) -> bool {
        self.source.truth == NO_TARGET
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::transponder_document::HeightReportDocument;

    #[test]
    fn a_transponder_without_a_height_sends_framing_pulses_only() {
        let coded = Transponder { mode_3a: Some(0o1234), ..Transponder::default() };
        let answer = Answer::of(&coded, 1000.0);
        assert_eq!((answer.mode_3a(), answer.altitude()), (Some(0o1234), None));
        let Answer::Open(replies) = answer else { panic!("it has no address") };
        assert_eq!(replies.mode_c, Some(ReplyTrain::of_code(0)));
    }

    #[test]
    fn what_is_read_is_what_was_sent() {
        let mut transponder = Transponder {
            mode_3a: Some(0o1234),
            height_report: HeightReportDocument::In100Ft,
            ..Transponder::default()
        };
        let answer = Answer::of(&transponder, 1020.0);
        assert_eq!((answer.mode_3a(), answer.altitude()), (Some(0o1234), Some((1000, 100))));
        transponder.address = Some(1);
        transponder.height_report = HeightReportDocument::In25Ft;
        let answer = Answer::of(&transponder, 1020.0);
        assert_eq!((answer.mode_3a(), answer.altitude()), (Some(0o1234), Some((1025, 25))));
    }
}
