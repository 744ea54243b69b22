//! What it costs to store admissions, a whole batch in one transaction that the disk has when it returns. The floor
//! writes as many bytes as the database's journal does at least, and waits for the disk once.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run fails")]

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::runtime::Builder;
use vestibule_signaling::parts::Ward;

/// Admissions of one batch: as many as come together while the last batch is written.
const BATCHES: [u32; 3] = [1, 16, 64];

/// What an admission adds to the journal: its visit, consultation, receipt, audit entry and indices.
const BYTES: usize = 4096;

fn commits(criterion: &mut Criterion) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let mut group = criterion.benchmark_group("commits");
    group.sample_size(10);
    for batch in BATCHES {
        let directory = tempfile::tempdir_in(".").unwrap();
        let mut ward = runtime
            .block_on(Ward::open(directory.path(), batch))
            .unwrap();
        group.throughput(Throughput::Elements(batch.into()));
        group.bench_function(BenchmarkId::new("admissions", batch), |bench| {
            bench.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    spent += runtime.block_on(ward.admit_all()).unwrap();
                }
                spent
            });
        });
        let mut file = File::create(directory.path().join("floor")).unwrap();
        let bytes = vec![7; BYTES * batch as usize];
        group.bench_function(
            BenchmarkId::new("floor: write and wait for the disk", batch),
            |bench| {
                bench.iter_custom(|times| {
                    let begin = Instant::now();
                    for _ in 0..times {
                        file.write_all(&bytes).unwrap();
                        file.sync_data().unwrap();
                    }
                    begin.elapsed()
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, commits);
criterion_main!(benches);
