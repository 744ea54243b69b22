//! Nothing but benchmarks: see `benches/` beside this file, and `make bench`.
