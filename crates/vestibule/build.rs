//! The pages are embedded when this crate is compiled, and so they must be built before.

use std::path::Path;

fn main() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/app/dist");
    println!("cargo::rerun-if-changed={}", pages.display());
    if !pages.join("index.html").is_file() {
        println!("cargo::error=the web pages are not built: run `make web` first");
    }
}
