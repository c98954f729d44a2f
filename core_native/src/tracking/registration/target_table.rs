//! The targets that reference sensors follow, by the numbers of their tracks.

use crate::tracking::gaussian::at;
use crate::tracking::registration::separate_bias::Target;
use crate::tracking::registration::velocity_spread::Flat;

/// Targets in ascending order of their numbers.
#[derive(Debug, Default)]
pub struct TargetTable(pub Vec<Target>);

impl TargetTable {
    /// The target of a track, or where it belongs.
    pub fn find(&self, number: u64) -> Result<usize, usize> {
        self.0.binary_search_by_key(&number, |target| target.number)
    }

    /// Put a target in the place of the one with its number, or among the others.
    pub fn put(&mut self, target: Target) {
        match self.find(target.number) {
            Ok(index) => self.0[index] = target,
            Err(index) => self.0.insert(index, target),
        }
    }

    /// Forget the target of a track.
    pub fn remove(&mut self, number: u64) {
        if let Ok(index) = self.find(number) {
            self.0.remove(index);
        }
    }

    /// Forget those that no reference sensor has seen since `oldest_ns`.
    pub fn remove_unseen(&mut self, oldest_ns: i64) {
        self.0.retain(|target| target.seen_ns >= oldest_ns);
    }
}

impl Target {
    /// Velocity, east and north \[m/s\].
    pub const fn velocity_m_s(&self) -> [f64; 2] {
        [self.state.mean[3], self.state.mean[4]]
    }

    /// Its covariance \[m²/s²\].
    pub const fn velocity_covariance_m2_s2(&self) -> Flat {
        let p = &self.state.covariance;
        [p[at(3, 3)], p[at(3, 4)], p[at(4, 4)]]
    }

    /// Sum of the variances of the velocity, east and north \[m²/s²\].
    pub const fn velocity_variance_m2_s2(&self) -> f64 {
        self.state.covariance[at(3, 3)] + self.state.covariance[at(4, 4)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::gaussian::Gaussian;

    #[test]
    fn targets_stand_by_number_and_are_forgotten() {
        let mut table = TargetTable::default();
        for (number, time_ns) in [(5, 50), (2, 20), (9, 90), (5, 55)] {
            table.put(Target::new(number, time_ns, Gaussian::ZERO));
        }
        let numbers = |table: &TargetTable| table.0.iter().map(|t| t.number).collect::<Vec<_>>();
        assert_eq!(numbers(&table), [2, 5, 9]);
        assert_eq!((table.find(5), table.find(6)), (Ok(1), Err(2)));
        assert_eq!(table.0[1].seen_ns, 55);
        table.remove(9);
        table.remove(9);
        table.remove_unseen(55);
        assert_eq!(numbers(&table), [5]);
    }
}
