//! Numbers that look random and are the same in every run.

/// SplitMix64 (Steele, Lea, Flood 2014): small, fast, good enough for test data.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end` - 1; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u64;
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// From `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last + 1 - first)
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the list. Lists here are never empty.
    pub(crate) fn one<'a, T: AsRef<str>>(&mut self, list: &'a [T]) -> &'a str {
        let at = self.below(list.len());
        list.get(at).map_or("", AsRef::as_ref)
    }

    /// One of the list, each as often as its weight says.
    pub(crate) fn weighted<'a>(&mut self, list: &[(&'a str, usize)]) -> &'a str {
        let mut left = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (word, weight) in list {
            if left < *weight {
                return word;
            }
            left -= weight;
        }
        ""
    }

    /// Up to `count` different ones of the list, in the order drawn.
    pub(crate) fn some<'a, T: AsRef<str>>(&mut self, list: &'a [T], count: usize) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::with_capacity(count);
        for _ in 0..count {
            let next = self.one(list);
            if !found.contains(&next) {
                found.push(next);
            }
        }
        found
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            [random.below(1000), random.below(1000), random.below(1000)]
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut random = Random::new(1);
        for _ in 0..1000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!(["a", "b"].contains(&random.weighted(&[("a", 1), ("b", 3)])));
            assert_eq!(random.below(0), 0);
        }
    }
}
