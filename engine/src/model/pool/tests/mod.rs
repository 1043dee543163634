//! The pool against the documented behaviour of `HikariCP` 6.0.0, and against a naive FIFO pool.

mod adder;
mod books;
mod choice;
mod fixed;
mod lives;
mod queue;
mod rig;
mod settings;
