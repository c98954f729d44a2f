//! The exponential of a matrix, less the identity.
//!
//! Scaling and squaring: C. Moler and C. Van Loan, "Nineteen dubious ways to compute the exponential of a
//! matrix, twenty-five years later", SIAM Review 45 (2003), method 3, by Taylor's series. The identity is
//! left out throughout, exp(2M) - 1 = 2E + E² with E = exp(M) - 1, so that entries far below 1 keep all
//! their digits.

/// Terms of the series; at a norm of 1/2 the next is below 1e-24.
const TERMS: u32 = 18;

/// exp(M) - 1 of a square matrix of `size` rows, row by row, whose entries are finite.
pub fn exponential_less_one(matrix: &[f64], size: usize) -> Vec<f64> {
    let row_sum = |row: &[f64]| row.iter().map(|entry| entry.abs()).sum::<f64>();
    let norm = matrix.chunks(size).map(row_sum).fold(0.0, f64::max);
    let mut squarings = 0;
    let mut scale = 1.0;
    while norm * scale > 0.5 {
        scale *= 0.5;
        squarings += 1;
    }
    let scaled: Vec<f64> = matrix.iter().map(|entry| entry * scale).collect();
    // Horner: E = M (1 + M/2 (1 + M/3 (...))).
    let mut sum = scaled.clone();
    for term in (2..=TERMS).rev() {
        let product = product(&scaled, &sum, size);
        let divisor = f64::from(term);
        // After this the sum is M + M sum / k; the innermost starts as M.
        sum = scaled.iter().zip(&product).map(|(first, next)| first + next / divisor).collect();
    }
    for _ in 0..squarings {
        let square = product(&sum, &sum, size);
        sum = sum.iter().zip(&square).map(|(once, square)| 2.0 * once + square).collect();
    }
    sum
}

fn product(left: &[f64], right: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size * size];
    for row in 0..size {
        for inner in 0..size {
            let factor = left[row * size + inner];
            for column in 0..size {
                product[row * size + column] += factor * right[inner * size + column];
            }
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_the_exponential_less_one() {
        for number in [1e-12, -1e-6, 0.3, -0.7, 5.0, -40.0, -1e7] {
            let [found] = exponential_less_one(&[number], 1)[..] else { panic!("one entry") };
            let expected = libm::expm1(number);
            assert!((found - expected).abs() <= 1e-14 * expected.abs() * 30.0, "{number} {found}");
        }
    }

    #[test]
    fn a_rotation_and_a_nilpotent_are_their_closed_forms() {
        let angle = 3.0;
        let rotation = exponential_less_one(&[0.0, -angle, angle, 0.0], 2);
        let expected = [libm::cos(angle) - 1.0, -libm::sin(angle), libm::sin(angle)];
        for (found, expected) in rotation.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{rotation:?}");
        }
        assert_eq!(exponential_less_one(&[0.0, 1e-9, 0.0, 0.0], 2), [0.0, 1e-9, 0.0, 0.0]);
    }
}
