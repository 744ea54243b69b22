//! `vestibule-impair`: a seeded bad line between network namespaces.

use std::process::ExitCode;

fn main() -> ExitCode {
    vestibule_impair::main()
}
