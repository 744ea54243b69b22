//! What people on bad lines would notice, in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use support::World;
use support::path::Path;

#[test]
#[ignore]
fn trace() {
    let which = std::env::var("SCENE").unwrap_or_default();
    let p: f64 = std::env::var("P")
        .unwrap_or_default()
        .parse()
        .unwrap_or(0.0);
    let mut world = World::with_flow(1, Path::default(), 4000);
    match which.as_str() {
        "drop" => {
            world.run(20.0);
            world.path().kbps = 150.0;
            world.run(20.0);
            world.path().kbps = 3000.0;
            world.run(15.0);
        }
        "loss" => {
            world.path().loss = p;
            world.run(60.0);
        }
        "jitter" => {
            world.path().jitter = 50_000;
            world.path().reordered = 0.05;
            world.run(60.0);
        }
        "rtt" => {
            world.path().delay = 250_000;
            world.run(60.0);
        }
        "dark" => {
            world.run(20.0);
            world.path().dark = true;
            world.run(5.0);
            world.path().dark = false;
            world.run(10.0);
        }
        "police" => {
            world.path().queue = 5_000;
            world.path().kbps = 1000.0;
            world.run(60.0);
        }
        "two" => {
            world.run(10.0);
            world.join(4000);
            world.run(60.0);
        }
        _ => {
            world.run(30.0);
        }
    }
    for (f, flow) in world.flows.iter().enumerate() {
        for (i, s) in flow.samples.iter().enumerate() {
            if i % 2 == 0 {
                println!(
                    "{f} {:5.1} target {:6.0} arrived {:6.0} queue {:4.0} loss {:.2} inh {:.2}",
                    i as f64 / 10.0,
                    s.target_kbps,
                    s.arrived_kbps,
                    s.queue_ms,
                    s.loss,
                    s.inherent
                );
            }
        }
    }
}
