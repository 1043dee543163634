//! Runs a reference model in the hand-written event loop.

fn main() -> std::io::Result<()> {
    peers::report::run_and_print("limit", peers::limit::run)
}
