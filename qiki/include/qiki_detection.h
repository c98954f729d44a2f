/* The detection record: 128 bytes, the same in Rust (core_native/src/detection.rs), C, Cython and
 * numpy (qiki.radar.DETECTION_DTYPE). A field whose bit in `present` is clear is absent: floats
 * then hold NaN, integers and text hold zero bytes. */
#ifndef QIKI_DETECTION_H
#define QIKI_DETECTION_H

#include <stdint.h>

enum {
    QIKI_PRESENT_RANGE = 1 << 0,
    QIKI_PRESENT_BEARING = 1 << 1,
    QIKI_PRESENT_ELEVATION = 1 << 2,
    QIKI_PRESENT_RANGE_RATE = 1 << 3,
    QIKI_PRESENT_HEIGHT = 1 << 4,
    QIKI_PRESENT_SNR = 1 << 5,
    QIKI_PRESENT_RCS = 1 << 6,
    QIKI_PRESENT_ADDRESS = 1 << 7,
    QIKI_PRESENT_MODE_3A = 1 << 8,
    QIKI_PRESENT_TRANSPONDER_ID = 1 << 9,
    QIKI_PRESENT_TRANSPONDER_REPLY = 1 << 10
};

typedef struct qiki_detection {
    int64_t time_ns;          /* nanoseconds on the frame's clock */
    double range_m;           /* slant range */
    double bearing_deg;       /* clockwise from north, 0 <= bearing < 360 */
    double elevation_deg;     /* up from the horizontal plane */
    double range_rate_m_s;    /* negative when approaching */
    double height_m;          /* above the sensor's level surface */
    float range_std_m;
    float bearing_std_deg;
    float elevation_std_deg;
    float range_rate_std_m_s;
    float height_std_m;
    float snr_db;
    float rcs_dbsm;
    uint32_t present;         /* QIKI_PRESENT_* */
    uint32_t address;         /* 24 bits */
    uint16_t mode_3a;         /* 12 bits */
    uint8_t range_band;       /* 0 not split, 1 long range, 2 short range */
    uint8_t transponder_mode; /* 0 off, 1 on, 2 silent, 3 spoof */
    uint8_t reserved[8];      /* zero */
    char transponder_id[32];  /* UTF-8, zero padded */
} qiki_detection;

#endif
