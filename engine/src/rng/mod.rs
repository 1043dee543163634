//! Named randomness: every draw comes from a stream or a key derived from (seed, luck, purpose, id) by a specified hash.
//!
//! A *stream* ([`stream`]) is a `ChaCha8` generator with a name. A *key* ([`Key`]) is the luck of one thing: 64 bits from the
//! stream of its name, or a numbered child of another key. Each population has a key, each of its arrivals is a child of it,
//! and every draw a request makes is a pure function of the request's key and of where it is drawn (site), not of what
//! other requests did before. Branches of a run that differ in one decision therefore stay in step: common random numbers.
//!
//! `luck` is 0 for a run from its start; a fork with fresh luck `k` derives every later draw with `k` in place of 0.

mod distribution;
#[cfg(test)]
mod tests;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

pub(crate) use self::distribution::minus_ln;
pub use self::distribution::{Distribution, DistributionError, LARGEST_CV, LARGEST_VALUE, SMALLEST_CV, SMALLEST_VALUE};

/// The golden-ratio increment of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Sets a child apart from its parent: odd, so that no two sites share a child, and of many bits, so that 1 then 2 is not
/// 2 then 1. That is all a child needs, since every draw is mixed; mixing the keys as well would keep every draw waiting.
const CHILD: u64 = 0xd6e8_feb8_6659_fd93;

/// A sequential generator for (seed, luck, purpose, id); the BLAKE3 hash of the four seeds `ChaCha8`.
#[must_use]
pub fn stream(seed: u64, luck: u64, purpose: &str, id: u32) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new_derive_key("brownout 2026 random stream");
    hasher.update(&seed.to_le_bytes());
    hasher.update(&luck.to_le_bytes());
    hasher.update(&id.to_le_bytes());
    hasher.update(purpose.as_bytes());
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

/// The identity of one request's (or job's, connection's, task's) luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(u64);

impl Key {
    /// The key made of 64 random bits.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The key of (seed, luck, purpose, id): the first draw of that stream.
    #[must_use]
    pub fn named(seed: u64, luck: u64, purpose: &str, id: u32) -> Self {
        use rand::Rng as _;
        Self(stream(seed, luck, purpose, id).next_u64())
    }

    /// The key of a part of this: an arrival of a population, the attempt of a call, the step of a plan. Children of different
    /// sites have different keys.
    #[must_use]
    #[inline]
    pub const fn child(self, site: u64) -> Self {
        Self(self.at(site).wrapping_mul(CHILD))
    }

    /// A generator for the draws made at one site of this key.
    #[must_use]
    #[inline]
    pub const fn rng(self, site: u64) -> KeyedRng {
        KeyedRng { state: self.at(site) }
    }

    const fn at(self, site: u64) -> u64 {
        self.0 ^ site.wrapping_mul(GOLDEN).rotate_left(32)
    }
}

/// SplitMix64 started from a [`Key`]: cheap, equidistributed, and good for the few draws that one site makes.
#[derive(Clone, Debug)]
pub struct KeyedRng {
    state: u64,
}

impl KeyedRng {
    /// The next 64 random bits.
    #[inline]
    pub const fn next_bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A uniform draw from the open interval (0, 1), never 0 and never 1, with 53 bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        unit(self.next_bits())
    }
}

/// 64 random bits as a number strictly between 0 and 1.
#[must_use]
#[inline]
pub fn unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// The finaliser of SplitMix64, variant 13 of Stafford's "Better Bit Mixing" (2011).
#[inline]
const fn mix(z: u64) -> u64 {
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
