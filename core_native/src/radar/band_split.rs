//! Split a frame into its long-range and short-range parts. Long range carries no identity.

use crate::detection::{Detection, present, range_band};
use crate::error::{Error, Result};
use crate::frame::{Frame, FrameHeader};

/// A frame and its two parts. All three share the frame's name (sensor, epoch, number).
#[derive(Clone, Debug, PartialEq)]
pub struct BandFrames {
    /// Every detection with its band set, those of the long range without identity.
    pub all: Frame,
    /// The long-range detections.
    pub long: Frame,
    /// The short-range detections.
    pub short: Frame,
}

/// Split `frame` at `sr_threshold_m`: a detection is short range when its range is at most the
/// threshold. A detection without a range is long range, because nothing shows it to be near.
pub fn split(frame: &Frame, sr_threshold_m: f64) -> Result<BandFrames> {
    check_threshold(sr_threshold_m)?;
    check_whole(&frame.header)?;
    let all: Vec<Detection> =
        frame.detections.iter().map(|detection| banded(detection, sr_threshold_m)).collect();
    let part = |band| Frame {
        header: FrameHeader { range_band: band, ..frame.header },
        detections: all.iter().filter(|detection| detection.range_band == band).copied().collect(),
    };
    Ok(BandFrames {
        long: part(range_band::LONG),
        short: part(range_band::SHORT),
        all: Frame { header: frame.header, detections: all },
    })
}

/// The band of `detection`.
pub fn band_of(detection: &Detection, sr_threshold_m: f64) -> u8 {
    let is_near = detection.has(present::RANGE) && detection.range_m <= sr_threshold_m;
    if is_near { range_band::SHORT } else { range_band::LONG }
}

/// The detection with its band set and, at long range, without identity and whatever else a
/// transponder replied: where there is a reply, a height is taken for its altitude.
pub fn banded(detection: &Detection, sr_threshold_m: f64) -> Detection {
    let mut copy = *detection;
    copy.range_band = band_of(detection, sr_threshold_m);
    if copy.range_band == range_band::LONG {
        copy.strip_reply();
    }
    copy
}

/// Refuse a threshold that is no range.
pub fn check_threshold(sr_threshold_m: f64) -> Result<()> {
    if sr_threshold_m >= 0.0 && sr_threshold_m.is_finite() {
        return Ok(());
    }
    Err(Error::Setting {
        setting: "sr_threshold_m".into(),
        value: sr_threshold_m.to_string(),
        limit: "finite and at least 0".into(),
        remedy: "give the range up to which identity is used, in metres".into(),
    })
}

fn check_whole(header: &FrameHeader) -> Result<()> {
    if header.range_band == range_band::UNSPECIFIED {
        return Ok(());
    }
    Err(Error::Frame {
        field: "range_band".into(),
        value: header.range_band.to_string(),
        limit: "0: only a whole frame is split".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::transponder_mode;
    use crate::frame::Coverage;

    fn header() -> FrameHeader {
        FrameHeader {
            sensor_id: [7; 16],
            epoch: 1,
            number: 2,
            time_ns: 3,
            range_band: range_band::UNSPECIFIED,
            coverage: Coverage::sphere(1e5),
            sensor_position_m: [0.0; 3],
            sensor_velocity_m_s: [0.0; 3],
        }
    }

    fn replying(range_m: f64) -> Detection {
        let mut detection = Detection::absent(3);
        detection.present = present::RANGE | present::IDENTITY;
        (detection.range_m, detection.range_std_m) = (range_m, 1.0);
        (detection.address, detection.mode_3a) = (0xabc, 0o7000);
        detection.transponder_mode = transponder_mode::ON;
        detection.transponder_id[..4].copy_from_slice(b"ALLY");
        detection
    }

    #[test]
    fn the_threshold_itself_is_short_range() {
        let mut bearing_only = Detection::absent(3);
        bearing_only.present = present::BEARING;
        (bearing_only.bearing_deg, bearing_only.bearing_std_deg) = (1.0, 1.0);
        let detections =
            vec![replying(5000.0), replying(5000.0_f64.next_up()), bearing_only, replying(0.0)];
        let bands = split(&Frame { header: header(), detections }, 5000.0).unwrap();
        let bands_of_all: Vec<u8> = bands.all.detections.iter().map(|d| d.range_band).collect();
        assert_eq!(bands_of_all, [2, 1, 1, 2]);
        assert_eq!((bands.long.detections.len(), bands.short.detections.len()), (2, 2));
        assert_eq!((bands.long.header.range_band, bands.short.header.range_band), (1, 2));
        assert_eq!(bands.long.header.frame_id(), bands.all.header.frame_id());
    }

    #[test]
    fn long_range_carries_no_identity_and_short_range_keeps_it() {
        let detections = vec![replying(9000.0), replying(100.0)];
        let bands = split(&Frame { header: header(), detections }, 5000.0).unwrap();
        for far in [&bands.all.detections[0], &bands.long.detections[0]] {
            assert_eq!(far.present & present::IDENTITY, 0);
            assert_eq!((far.address, far.mode_3a, far.transponder_mode), (0, 0, 0));
            assert_eq!(far.transponder_id, [0; 32]);
        }
        assert!(bands.short.detections[0].has(present::IDENTITY));
    }

    #[test]
    fn a_height_goes_with_the_reply_that_gave_it() {
        let mut replied = replying(9000.0);
        replied.present |= present::HEIGHT;
        (replied.height_m, replied.height_std_m) = (300.0, 9.0);
        let mut measured = replied;
        measured.strip_identity();
        let detections = vec![replied, measured];
        let bands = split(&Frame { header: header(), detections }, 5000.0).unwrap();
        let [replied, measured] = bands.long.detections[..] else { panic!("both are far") };
        assert!(!replied.has(present::HEIGHT) && replied.height_m.is_nan());
        assert!(measured.has(present::HEIGHT) && measured.height_m == 300.0);
        crate::frame_limits::check_frame(&bands.long).unwrap();
    }

    #[test]
    fn a_bad_threshold_or_a_part_is_refused() {
        let frame = Frame::new(header());
        assert!(split(&frame, -1.0).is_err() && split(&frame, f64::NAN).is_err());
        let part = split(&frame, 1.0).unwrap().long;
        assert!(split(&part, 1.0).unwrap_err().to_string().contains("range_band is 1"));
    }
}
