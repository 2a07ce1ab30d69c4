//! Randomness is passed in, so that a test gets the same tokens each time.

use rand::Rng as _;

/// Gives random bytes that nobody can predict.
pub trait Random: Send + Sync + 'static {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// A cryptographic generator, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}
