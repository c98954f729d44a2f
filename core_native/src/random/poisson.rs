//! Poisson numbers.

use crate::random::{Stream, exponential, uniform_fine};

/// Poisson number with the given mean, from the draws of `stream` for `frame`. Zero for a mean
/// that is not above zero; good for means up to 1e9.
pub fn poisson(stream: &Stream, frame: u64, mean: f64) -> u64 {
    if mean > 10.0 {
        poisson_by_rejection(stream, frame, mean)
    } else {
        poisson_by_sum(stream, frame, mean)
    }
}

/// Uniform pair number `attempt` of a frame.
fn uniform_pair(stream: &Stream, frame: u64, attempt: u64) -> [f64; 2] {
    let words = stream.words(attempt, frame).map(u64::from);
    [uniform_fine(words[0], words[1]), uniform_fine(words[2], words[3])]
}

/// Count the arrivals of a process of rate 1 within a time `mean`.
fn poisson_by_sum(stream: &Stream, frame: u64, mean: f64) -> u64 {
    let interval = |attempt| exponential(uniform_pair(stream, frame, attempt)[0]);
    let mut count = 0;
    let mut time = interval(0);
    while time <= mean {
        count += 1;
        time += interval(count);
    }
    count
}

/// Algorithm PTRS of W. Hörmann, "The transformed rejection method for generating Poisson random
/// variables", Insurance: Mathematics and Economics 12 (1993), 39; letters as there.
fn poisson_by_rejection(stream: &Stream, frame: u64, mean: f64) -> u64 {
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    let log_mean = libm::log(mean);
    let mut attempt = 0;
    loop {
        let [u, v] = uniform_pair(stream, frame, attempt);
        let u = u - 0.5;
        let us = 0.5 - u.abs();
        let k = libm::floor((2.0 * a / us + b) * u + mean + 0.43);
        let inside = us >= 0.07 && v <= v_r;
        let outside = k < 0.0 || (us < 0.013 && v > us);
        let log_v = libm::log(v * inverse_alpha / (a / (us * us) + b));
        if inside || (!outside && log_v <= -mean + k * log_mean - libm::lgamma(k + 1.0)) {
            return k as u64;
        }
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;
    use crate::random::tests::check_moments;

    fn stream() -> Stream {
        Stream::new(7, &[3; 16], Purpose::FalseAlarmCount)
    }

    #[test]
    fn poisson_numbers_have_their_mean_as_variance() {
        let stream = stream();
        for mean in [0.3, 4.0, 9.9, 10.1, 200.0, 50_000.0] {
            let fourth = mean + 3.0 * mean * mean;
            let draws = (0..20_000).map(|frame| poisson(&stream, frame, mean) as f64);
            check_moments(draws, mean, mean, fourth);
        }
        assert_eq!(poisson(&stream, 0, 0.0), 0);
        assert_eq!(poisson(&stream, 0, f64::NAN), 0);
    }

    /// Pearson's χ² of the small-mean and large-mean methods against the exact probabilities.
    #[test]
    fn poisson_numbers_have_the_exact_distribution() {
        let stream = stream();
        for (mean, cells) in [(3.0_f64, 10_u64), (12.0, 26)] {
            let draws = 50_000;
            let mut counts = vec![0.0; cells as usize];
            for frame in 0..draws {
                counts[poisson(&stream, frame, mean).min(cells - 1) as usize] += 1.0;
            }
            let mut probability = libm::exp(-mean);
            let (mut chi_squared, mut rest) = (0.0, 1.0);
            for (k, &count) in counts.iter().enumerate() {
                let last = k + 1 == counts.len();
                let expected = if last { rest } else { probability } * draws as f64;
                chi_squared += (count - expected) * (count - expected) / expected;
                rest -= probability;
                probability *= mean / (k + 1) as f64;
            }
            // Mean cells - 1, variance 2 (cells - 1): five standard deviations above the mean.
            let degrees = (cells - 1) as f64;
            assert!(chi_squared < degrees + 5.0 * (2.0 * degrees).sqrt(), "{mean}: {chi_squared}");
        }
    }
}
