//! Runs a reference model in NeXosim, on one thread.

fn main() -> std::io::Result<()> {
    peers::report::run_and_print("nexosim", peers::on_nexosim::run)
}
