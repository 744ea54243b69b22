//! `vestibule-load`: many rooms of people against a selective forwarding unit.

use std::process::ExitCode;

fn main() -> ExitCode {
    vestibule_load::main()
}
