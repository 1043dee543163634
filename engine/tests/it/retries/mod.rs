//! Retries: what they gain, what they cost, and when they keep a system down.

mod amplification;
mod collapse;
mod storms;
