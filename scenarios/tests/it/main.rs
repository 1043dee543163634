//! The shipped scenarios do what the public record says: their signatures, measured.

mod common_luck;
mod evidence;
mod one_slash;
mod play;
mod pool_exhaustion;
mod runbook;
