//! One explicit step of sixth order for an ordinary differential equation.
//!
//! J. C. Butcher, "On Runge-Kutta processes of high order", J. Austral. Math. Soc. 4 (1964), 179: seven
//! stages. The tests hold the conditions of its quadrature and measure the order.

const STAGES: usize = 7;
/// Weights of the earlier stages in each stage; row i is stage i + 1.
const STAGE_WEIGHTS: [[f64; STAGES - 1]; STAGES - 1] = [
    [1.0 / 3.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 2.0 / 3.0, 0.0, 0.0, 0.0, 0.0],
    [1.0 / 12.0, 1.0 / 3.0, -1.0 / 12.0, 0.0, 0.0, 0.0],
    [-1.0 / 16.0, 9.0 / 8.0, -3.0 / 16.0, -3.0 / 8.0, 0.0, 0.0],
    [0.0, 9.0 / 8.0, -3.0 / 8.0, -3.0 / 4.0, 1.0 / 2.0, 0.0],
    [9.0 / 44.0, -9.0 / 11.0, 63.0 / 44.0, 18.0 / 11.0, 0.0, -16.0 / 11.0],
];
const WEIGHTS: [f64; STAGES] =
    [11.0 / 120.0, 0.0, 27.0 / 40.0, 27.0 / 40.0, -4.0 / 15.0, -4.0 / 15.0, 11.0 / 120.0];

/// The state after `step_s` where its rate depends on itself alone.
#[inline(always)]
pub fn advanced<const N: usize>(
    state: &[f64; N],
    step_s: f64,
    rate: impl Fn(&[f64; N]) -> [f64; N],
) -> [f64; N] {
    let mut rates = [[0.0; N]; STAGES];
    rates[0] = rate(state);
    for stage in 1..STAGES {
        let weights = &STAGE_WEIGHTS[stage - 1][..stage];
        rates[stage] = rate(&moved(state, step_s, weights, &rates));
    }
    moved(state, step_s, &WEIGHTS, &rates)
}

#[inline(always)]
fn moved<const N: usize>(
    state: &[f64; N],
    step_s: f64,
    weights: &[f64],
    rates: &[[f64; N]; STAGES],
) -> [f64; N] {
    let mut change = [0.0; N];
    for (weight, rate) in weights.iter().zip(rates) {
        for index in 0..N {
            change[index] += weight * rate[index];
        }
    }
    std::array::from_fn(|index| state[index] + step_s * change[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_up_to_the_fifth_power_are_integrated_exactly() {
        for power in 0..6 {
            let power_of = |x: f64| (0..power).fold(1.0, |product, _| product * x);
            let [_, integral] = advanced(&[0.0, 0.0], 1.0, |&[x, _]| [1.0, power_of(x)]);
            assert!((integral - 1.0 / f64::from(power + 1)).abs() < 1e-15, "{power}");
        }
    }

    /// y' = y² with y(0) = 1 is 1 / (1 - x), which is nonlinear.
    fn error_at_half(steps: u32) -> f64 {
        let step = 0.5 / f64::from(steps);
        let last = (0..steps).fold([1.0], |state, _| advanced(&state, step, |&[y]| [y * y]));
        (last[0] - 2.0).abs()
    }

    #[test]
    fn the_order_is_six() {
        for steps in [8, 16, 32] {
            let order = libm::log2(error_at_half(steps) / error_at_half(2 * steps));
            assert!((5.7..6.4).contains(&order), "{order}");
        }
    }
}
