//! How long to wait for a connection and for a sign of life: from the profile at first, then from what
//! was measured. An answer may take as long as the profile says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Answers came within this many times the slowest round trip seen so far; a correct target on a
/// loaded machine stays well below it.
const SLACK: u32 = 20;

/// The same for the sign of life.
const CONTROL_SLACK: u32 = 4;

/// The deadline never falls below this, so that a busy machine causes no false verdict.
const FLOOR: Duration = Duration::from_millis(500);

/// The adaptive deadline of one target.
#[derive(Debug)]
pub struct Pace {
    most: Duration,
    slowest_micros: AtomicU64,
}

impl Pace {
    /// Starts with the deadline of the profile, which is also the longest one.
    pub fn new(most: Duration) -> Self {
        Self {
            most,
            slowest_micros: AtomicU64::new(0),
        }
    }

    /// Takes in a round trip.
    pub fn measured(&self, round_trip: Duration) {
        let micros = u64::try_from(round_trip.as_micros()).unwrap_or(u64::MAX);
        // A wait beyond an hour cannot be meant, and must not overflow the arithmetic.
        self.slowest_micros
            .fetch_max(micros.min(3_600_000_000), Ordering::Relaxed);
    }

    /// The longest deadline, which the profile gives.
    pub fn most(&self) -> Duration {
        self.most
    }

    /// The deadline for the next connection.
    pub fn deadline(&self) -> Duration {
        self.slowest()
            .map_or(self.most, |slowest| self.bounded(slowest * SLACK))
    }

    /// The deadline for a sign of life after a silence: shorter, as the target has had its chance.
    pub fn control(&self) -> Duration {
        self.slowest().map_or(FLOOR.min(self.most), |slowest| {
            self.bounded(slowest * CONTROL_SLACK)
        })
    }

    fn slowest(&self) -> Option<Duration> {
        let micros = self.slowest_micros.load(Ordering::Relaxed);
        (micros > 0).then(|| Duration::from_micros(micros))
    }

    fn bounded(&self, wanted: Duration) -> Duration {
        wanted.max(FLOOR).min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;

    #[test]
    fn adapts_between_the_floor_and_the_profile() {
        let pace = Pace::new(Duration::from_secs(2));
        assert_eq!(pace.deadline(), Duration::from_secs(2));
        assert_eq!(pace.control(), Duration::from_millis(500));
        pace.measured(Duration::from_millis(1));
        assert_eq!(pace.deadline(), Duration::from_millis(500));
        pace.measured(Duration::from_millis(50));
        assert_eq!(pace.deadline(), Duration::from_secs(1));
        pace.measured(Duration::from_millis(400));
        assert_eq!(pace.deadline(), Duration::from_secs(2));
        assert_eq!(pace.control(), Duration::from_millis(1600));
    }
}
