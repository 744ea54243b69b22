//! Reading and writing the WebSocket's messages. The floors read the same JSON and keep nothing of it, and copy the
//! same text.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde::de::IgnoredAny;
use vestibule_protocol::client::ClientMessage;
use vestibule_protocol::server::ServerMessage;

const ADMIT: &str =
    r#"{"id":7,"request":{"type":"admit","visit":"00000000-0000-4000-8000-000000000001"}}"#;
const WAITING: &str = r#"{"type":"patient","revision":41,"card":{"clinic":"Demonstration clinic","service":"General practice"},"visit":{"visit":"00000000-0000-4000-8000-000000000001","arrived_at":1700000000000,"state":{"type":"waiting","place":1}},"leg":null,"consultation":null}"#;

fn wire(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("protocol");
    serde_json::from_str::<ClientMessage>(ADMIT).expect("a message");
    group.bench_function("decode admit", |bench| {
        bench.iter(|| serde_json::from_str::<ClientMessage>(black_box(ADMIT)));
    });
    group.bench_function("floor: read the JSON", |bench| {
        bench.iter(|| serde_json::from_str::<IgnoredAny>(black_box(ADMIT)));
    });
    let snapshot = serde_json::from_str::<ServerMessage>(WAITING).expect("a snapshot");
    let encoded = serde_json::to_string(&snapshot).expect("JSON");
    assert_eq!(encoded, WAITING, "the floor copies what is encoded");
    group.bench_function("encode a patient's snapshot", |bench| {
        bench.iter(|| serde_json::to_string(black_box(&snapshot)));
    });
    group.bench_function("floor: copy the JSON", |bench| {
        bench.iter(|| black_box(WAITING).to_owned());
    });
    group.finish();
}

criterion_group!(benches, wire);
criterion_main!(benches);
