//! Heat in time: closed forms of one and two nodes, what is conserved, trips and warnings.

use crate::vehicle::thermal::config::{Node, ThermalConfig};
use crate::vehicle::thermal::document::MAX_NODES;
use crate::vehicle::thermal::heat_network::HeatNetwork;
use crate::vehicle::thermal::nodes::ThermalNodes;

const STEP_S: f64 = 0.001;

/// Temperatures after steps of constant heat.
fn after<const N: usize>(
    network: &HeatNetwork,
    start_k: [f64; N],
    heat_w: [f64; N],
    steps: usize,
) -> [f64; N] {
    let (mut above_k, mut heats_w) = ([0.0; MAX_NODES], [0.0; MAX_NODES]);
    above_k[..N].copy_from_slice(&start_k);
    heats_w[..N].copy_from_slice(&heat_w);
    for _ in 0..steps {
        network.step(&mut above_k, &heats_w);
    }
    std::array::from_fn(|node| above_k[node])
}

#[test]
fn one_node_charges_like_a_capacitor() {
    let network = HeatNetwork::new(&[800.0], &[0.2], &[], STEP_S);
    let [found_k] = after(&network, [7.0], [35.0], 600_000);
    let decay = libm::exp(-600.0 * 0.2 / 800.0);
    let expected_k = 35.0 / 0.2 + (7.0 - 35.0 / 0.2) * decay;
    assert!((found_k - expected_k).abs() < 1e-8, "{}", found_k - expected_k);
}

#[test]
fn two_nodes_share_their_heat_and_lose_none() {
    // Only coupled: the sum stays, the difference decays by G (1/C₁ + 1/C₂).
    let network = HeatNetwork::new(&[400.0, 1200.0], &[0.0, 0.0], &[([0, 1], 2.5)], STEP_S);
    let [one_k, other_k] = after(&network, [60.0, -10.0], [0.0, 0.0], 100_000);
    let energy_j = 400.0 * one_k + 1200.0 * other_k;
    assert!((energy_j - (400.0 * 60.0 - 1200.0 * 10.0)).abs() < 1e-5, "{energy_j}");
    let decay = libm::exp(-100.0 * 2.5 * (1.0 / 400.0 + 1.0 / 1200.0));
    assert!((one_k - other_k - 70.0 * decay).abs() < 1e-8);
}

#[test]
fn what_heats_is_stored_where_nothing_leaves() {
    let couplings = [([0, 1], 3.0), ([1, 2], 0.7)];
    let network = HeatNetwork::new(&[10.0, 20.0, 30.0], &[0.0; 3], &couplings, STEP_S);
    let end_k = after(&network, [0.0; 3], [5.0, 0.0, 1.0], 100_000);
    let stored_j = 10.0 * end_k[0] + 20.0 * end_k[1] + 30.0 * end_k[2];
    assert!((stored_j - 600.0).abs() < 1e-7, "{stored_j}");
}

#[test]
fn a_stiff_network_and_a_cold_one_need_no_clamp() {
    // A time constant of a nanosecond, beside steps of a millisecond.
    let network = HeatNetwork::new(&[1e-3, 800.0], &[1e6, 0.2], &[([0, 1], 4.0)], STEP_S);
    let end_k = after(&network, [500.0, -100.0], [0.0, 0.0], 10);
    assert!(end_k[0].abs() < 1e-3 && end_k[0] < 0.0, "{end_k:?}");
    assert!((end_k[1] + 100.0).abs() < 0.01);
}

/// Two nodes that are tripped from 90 to 85 °C and warn from 80 to 75 °C.
pub(in crate::vehicle) fn tripping() -> ThermalConfig {
    let node = |name: &str, sheds| Node {
        name: name.into(),
        initial_c: 20.0,
        trip_c: 90.0,
        warn_c: 80.0,
        hysteresis_k: 5.0,
        sheds,
    };
    ThermalConfig {
        ambient_c: -60.0,
        nodes: vec![node("core", 0b1), node("pdu", 0b110)],
        heats: Vec::new(),
        network: HeatNetwork::new(&[1e9; 2], &[0.0; 2], &[], STEP_S),
    }
}

#[test]
fn trips_and_warnings_have_their_hysteresis() {
    let config = tripping();
    let mut nodes = ThermalNodes::new(&config);
    for (temperature_c, is_warned, is_tripped) in [
        (79.9, false, false),
        (80.0, true, false),
        (75.1, true, false),
        (90.0, true, true),
        (85.1, true, true),
        (85.0, true, false),
        (89.9, true, false),
        (75.0, false, false),
    ] {
        nodes.above_k[1] = temperature_c + 60.0;
        nodes.step(&config, None);
        assert_eq!(nodes.warned, u16::from(is_warned) << 1, "{temperature_c}");
        assert_eq!(nodes.tripped, u16::from(is_tripped) << 1, "{temperature_c}");
        assert_eq!(nodes.shed(&config), if is_tripped { 0b110 } else { 0 });
    }
}
