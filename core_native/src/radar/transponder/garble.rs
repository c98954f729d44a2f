//! What becomes of replies that reach the receiver together.
//!
//! Two replies garble each other when the beam holds both transponders and the pulses of one fall
//! on places of the other. Every place then holds a pulse that any of them has there, and each code
//! is read so, wrong but present. Replies whose pulses fall between the places are told apart.

use crate::radar::transponder::heard::{Answer, Heard, OpenReplies};
use crate::radar::transponder::reply_rows::ReplyRows;
use crate::radar::transponder::reply_train::{ReplyTrain, shift_between};
use crate::random::{Stream, uniform};

/// Where the number of a block of draws stands in the key; frames are below 2^40.
const BLOCK_SHIFT: u32 = 40;

/// Let the pulses of all replies that come together meet.
pub fn garble(heard: &mut [Heard], beamwidth_deg: f64) {
    let sent: Vec<Option<OpenReplies>> = heard.iter().map(open).collect();
    let is_open = |(index, reply): (usize, &Heard)| {
        sent[index].is_some().then_some((reply.range_m, reply.bearing_deg, index))
    };
    let rows = ReplyRows::new(heard.iter().enumerate().filter_map(is_open));
    for one in 0..heard.len() {
        let Some(of_one) = sent[one] else { continue };
        let (range_m, bearing_deg) = (heard[one].range_m, heard[one].bearing_deg);
        // Pulses add whatever the order.
        for other in rows.clockwise_of(range_m, bearing_deg, beamwidth_deg) {
            let shift = shift_between(range_m, heard[other].range_m);
            if let (Some(shift), Some(of_other)) = (shift.filter(|_| other != one), sent[other]) {
                receive(&mut heard[one], of_other, shift);
                receive(&mut heard[other], of_one, -shift);
            }
        }
    }
}

/// What a reply is made of, where it has pulses that others may meet.
fn open(heard: &Heard) -> Option<OpenReplies> {
    match heard.answer {
        Answer::Open(replies) if replies.mode_a.or(replies.mode_c).is_some() => Some(replies),
        Answer::Open(_) | Answer::Selective { .. } => None,
    }
}

/// Add the pulses that another sent in the same listening time.
fn receive(heard: &mut Heard, other: OpenReplies, shift: i32) {
    if let Answer::Open(replies) = &mut heard.answer {
        let both = |own: Option<ReplyTrain>, other: Option<ReplyTrain>| match (own, other) {
            (Some(own), Some(other)) => Some(own.overlaid(other, shift)),
            _ => own,
        };
        replies.mode_a = both(replies.mode_a, other.mode_a);
        replies.mode_c = both(replies.mode_c, other.mode_c);
    }
}

/// Read pulses of the codes wrong, each with `probability`.
pub fn misread(heard: &mut [Heard], draws: &Stream, probability: f64) {
    for reply in heard.iter_mut().filter(|reply| !reply.is_fruit()) {
        let Answer::Open(replies) = &mut reply.answer else { continue };
        let wrong = wrong_bits(draws, reply.key, probability);
        let read = |train: ReplyTrain, wrong: u32| ReplyTrain::of_code(train.code() ^ wrong as u16);
        replies.mode_a = replies.mode_a.map(|train| read(train, wrong & 0o7777));
        replies.mode_c = replies.mode_c.map(|train| read(train, wrong >> 12));
    }
}

/// 24 bits, those of two codes, each set with `probability`.
fn wrong_bits(draws: &Stream, [entity, frame]: [u64; 2], probability: f64) -> u32 {
    (0..24 / 4).fold(0, |bits, block| {
        let words = draws.words(entity, frame | block << BLOCK_SHIFT);
        words
            .iter()
            .fold(bits, |bits, &word| bits << 1 | u32::from(uniform(u64::from(word)) < probability))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radar::plot_record::Source;
    use crate::random::Purpose;

    fn heard(range_m: f64, bearing_deg: f64, code: u16) -> Heard {
        let mode_a = Some(ReplyTrain::of_code(code));
        Heard {
            source: Source { truth: 0, replies: true, recognised: false },
            range_m,
            bearing_deg,
            measured: [range_m, bearing_deg],
            own_height_m: 0.0,
            time_ns: None,
            answer: Answer::Open(OpenReplies { mode_a, mode_c: Some(ReplyTrain::of_code(0o0620)) }),
            key: [u64::from(code), 5],
        }
    }

    fn codes(heard: &[Heard]) -> Vec<u16> {
        heard.iter().filter_map(|reply| reply.answer.mode_3a()).collect()
    }

    #[test]
    fn one_beam_holds_neighbours_past_north_and_no_others() {
        let at = |bearing_deg, code| heard(4000.0, bearing_deg, code);
        let mut replies = [at(359.5, 0o1000), at(0.4, 0o0200), at(1.6, 0o0030), at(180.0, 0o4)];
        garble(&mut replies, 2.0);
        assert_eq!(codes(&replies), [0o1200, 0o1230, 0o0230, 0o0004]);
    }

    #[test]
    fn both_codes_are_garbled_and_selective_replies_are_not() {
        let mut replies = [heard(4000.0, 5.0, 0o1000), heard(4010.0, 5.0, 0o0200)];
        let mode_c = |reply: &mut Heard, code| match &mut reply.answer {
            Answer::Open(replies) => replies.mode_c = Some(ReplyTrain::of_code(code)),
            Answer::Selective { .. } => panic!("asked in the open"),
        };
        mode_c(&mut replies[1], 0o0630);
        garble(&mut replies, 2.0);
        // 0620 | 0630 stands for 100 ft, the altitude of the second.
        assert!(replies.iter().all(|reply| reply.answer.altitude() == Some((100, 100))));
        let mut selective = [heard(4000.0, 5.0, 0o1000), heard(4010.0, 5.0, 0)];
        selective[1].answer = Answer::Selective { mode_3a: Some(0o0200), altitude: None };
        garble(&mut selective, 2.0);
        assert_eq!(codes(&selective), [0o1000, 0o0200]);
    }

    #[test]
    fn the_order_of_the_replies_does_not_matter() {
        let one: Vec<Heard> =
            (0..40_u16).map(|k| heard(3000.0 + 29.0 * f64::from(k), 1.0, 37 * k)).collect();
        let mut other: Vec<Heard> = one.iter().rev().copied().collect();
        let mut one = one;
        garble(&mut one, 2.0);
        garble(&mut other, 2.0);
        other.reverse();
        assert_eq!(codes(&one), codes(&other));
    }

    #[test]
    fn pulses_are_misread_as_often_as_told() {
        let draws = Stream::new(7, &[3; 16], Purpose::ReplyPulses);
        let wrong: u32 = (0..10_000).map(|k| wrong_bits(&draws, [k, 1], 0.03).count_ones()).sum();
        // Binomial, 240 000 draws: mean 7200, σ 83.6; four of them.
        assert!((f64::from(wrong) - 7200.0).abs() < 335.0, "{wrong}");
        assert_eq!(wrong_bits(&draws, [1, 1], 0.0), 0);
        assert_eq!(wrong_bits(&draws, [1, 1], 1.0), 0xff_ffff);
    }
}
