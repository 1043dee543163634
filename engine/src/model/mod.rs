//! The mechanisms of the simulated system, one a file.

mod breaker;
mod bulkhead;
mod outcome;
mod rate_limit;
mod retry;
mod retry_budget;
mod spec_issue;
mod wait_list;

pub use breaker::{
    AfterHalfOpenWait, Breaker, BreakerSpec, BreakerState, BreakerTotals, LateResults, MAX_WINDOW, NotPermitted,
    Permit, SlidingWindowType, Tally,
};
pub use bulkhead::{Admission, Bulkhead, BulkheadSpec};
pub use outcome::{ErrorKind, ErrorSet, Outcome};
pub use rate_limit::{Decision, MAX_PERMITS, RateLimitSpec, RateLimiter};
pub use retry::{Backoff, Jitter, RetryProgress, RetrySpec};
pub use retry_budget::{MilliTokens, RetryBudget, RetryBudgetSpec, RetryToken};
pub use spec_issue::SpecIssue;
pub use wait_list::{Ticket, WaitList};
