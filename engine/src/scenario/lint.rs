//! Warnings.

use super::resolve::Resolved;
use crate::text::Diagnostics;

pub(super) fn lint(_: &Resolved, _: &mut Diagnostics) {}
