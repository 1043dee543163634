//! Scenario files that are wrong.
