//! The Vestibule server.

use std::process::ExitCode;

fn main() -> ExitCode {
    vestibule::main(vestibule_sfu::run)
}
