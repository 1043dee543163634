//! A connection pool: who holds a connection, who waits for one, and when connections are opened, checked and closed.
//!
//! [`Pool`] is a pure state machine. It knows no event queue, no network and no database: the caller passes the current
//! instant, keeps the waiters' timeouts, and carries out the [`PoolEffect`]s the pool asks for. How long a connect or a
//! validation takes, and whether it succeeds, is the caller's business.
//!
//! | the pool says | the caller does | and later calls |
//! |---|---|---|
//! | [`Acquire::Parked`] | arms a timeout if there is one | [`Pool::abandon`] |
//! | [`Acquire::Validate`], [`Grant::validate`] | has the connection checked | [`Pool::validated`] |
//! | [`PoolEffect::OpenConnection`] | attempts to connect | [`Pool::connected`] |
//! | [`PoolEffect::Keepalive`] | has the connection pinged | [`Pool::kept_alive`] |
//! | [`PoolEffect::WakeAt`] | schedules an event | [`Pool::on_wake`] |
//! | [`PoolEffect::Granted`] | resumes the waiter | [`Pool::release`] |
//! | [`PoolEffect::Opened`], [`PoolEffect::Closed`] | keeps the server's books | nothing |
//!
//! The semantics are those of `HikariCP` 6.0.0 (`HikariPool`, `ConcurrentBag`, `PoolEntry`, `HikariConfig`), or, with
//! [`PoolSpec::fixed`], those of the c servers and one FIFO queue of queueing theory. Times are integer nanoseconds.
//!
//! Where this differs from `HikariCP`, knowingly: a thread's own list of recently used connections is replaced by one list
//! for all callers ([`IdleChoice`]); hand-off is atomic, so that nobody overtakes a parked waiter (a real arriving thread
//! can steal a connection in the microseconds in which it is being handed over); a connection that outlives its lifetime
//! during a keepalive ping is closed after the ping rather than at its next hand-out; a slow ping does not hold up the
//! housekeeper.

mod adder;
mod check;
mod handle;
mod housekeeper;
mod measures;
mod occupancy;
mod slots;
mod spec;
mod state;

#[cfg(test)]
mod tests;

pub use handle::{Acquire, CloseReason, ConnectionId, Departure, Grant, PoolEffect, Refused};
pub use measures::{PoolCounters, PoolGauges, PoolIntegrals, PoolTotals};
pub use slots::ConnectionState;
pub use spec::{Establishment, IdleChoice, PoolSpec, Shrink};
pub use state::Pool;
