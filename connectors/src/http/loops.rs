//! Notices that a source leads us in a circle, however long, without keeping what has been seen.

/// Brent's way of finding a cycle: one earlier step is kept, and replaced at growing distances.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loops {
    kept: Option<blake3::Hash>,
    latest: Option<blake3::Hash>,
    steps: u64,
    power: u64,
}

impl Loops {
    /// Takes the next step. Says whether we have been here before: at once where it is the latest
    /// step or the one kept, else before the circle has been gone three times.
    pub(crate) fn again(&mut self, step: &[u8]) -> bool {
        let step = blake3::hash(step);
        if self.latest == Some(step) || self.kept == Some(step) {
            return true;
        }
        self.latest = Some(step);
        if self.steps >= self.power {
            self.kept = Some(step);
            self.power = self.power.max(1) * 2;
            self.steps = 0;
        }
        self.steps += 1;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Loops;

    #[test]
    fn every_circle_is_noticed_in_time() {
        for before in [0_u32, 1, 5, 100] {
            for length in [1_u32, 2, 3, 10, 1000] {
                let mut loops = Loops::default();
                let path = (0..before).chain((0..4 * (before + length)).map(|i| before + i % length));
                let noticed = path.clone().position(|step| loops.again(&step.to_le_bytes()));
                let noticed = noticed.unwrap_or_else(|| panic!("{before} {length}"));
                assert!(noticed >= (before + length) as usize, "{before} {length}: never before it repeats");
            }
        }
    }

    #[test]
    fn a_straight_way_is_none() {
        let mut loops = Loops::default();
        assert!((0..100_000_u32).all(|step| !loops.again(&step.to_le_bytes())));
    }
}
