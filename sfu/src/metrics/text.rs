//! The text that is told (Prometheus' text-based exposition format, version 0.0.4).

use std::fmt::Write as _;
use std::sync::Arc;

use crate::counters::{Counter, Counters, Reason, cpu_micros};
use crate::kernel::UdpSockets;

/// What the format is called.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All that is counted, of each worker.
pub(super) fn text(workers: &[Arc<Counters>]) -> String {
    let mut out = String::new();
    for counter in Counter::ALL {
        let (name, kind, help) = told(counter);
        head(&mut out, name, kind, help);
        for (worker, counters) in workers.iter().enumerate() {
            let value = counters.value(counter);
            line(&mut out, &format!("{name}{{worker=\"{worker}\"}} {value}"));
        }
    }
    dropped(&mut out, workers);
    let name = "vestibule_sfu_cpu_seconds_total";
    head(
        &mut out,
        name,
        "counter",
        "Processor time of the SFU's process.",
    );
    let seconds = cpu_micros() as f64 / 1e6;
    line(&mut out, &format!("{name} {seconds}"));
    out
}

fn dropped(out: &mut String, workers: &[Arc<Counters>]) {
    let name = "vestibule_sfu_dropped_total";
    let help = "Datagrams that came, and packets that were to go, and were dropped; by reason.";
    head(out, name, "counter", help);
    let sockets = UdpSockets::read();
    for (worker, counters) in workers.iter().enumerate() {
        let counted = Reason::all().map(|reason| {
            let value = counters.dropped_for(reason);
            (reason.direction(), reason.label(), value)
        });
        // The kernel counts these: the worker never saw them.
        let queue_full = sockets.dropped_at(counters.bound());
        let queue_full = ("in", "queue_full", queue_full);
        for (direction, label, value) in counted.chain([queue_full]) {
            line(
                out,
                &format!(
                    "{name}{{worker=\"{worker}\",direction=\"{direction}\",reason=\"{label}\"}} {value}"
                ),
            );
        }
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, &format!("# HELP {name} {help}"));
    line(out, &format!("# TYPE {name} {kind}"));
}

fn line(out: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{line}");
}

/// A counter's name, kind and description.
fn told(counter: Counter) -> (&'static str, &'static str, &'static str) {
    let total = |name, help| (name, "counter", help);
    match counter {
        Counter::Peers => ("vestibule_sfu_peers", "gauge", "Connected peers."),
        Counter::Calls => ("vestibule_sfu_calls", "gauge", "Planned calls."),
        Counter::DatagramsIn => total("vestibule_sfu_datagrams_in_total", "Datagrams that came."),
        Counter::BytesIn => total(
            "vestibule_sfu_bytes_in_total",
            "Their bytes, of UDP payload.",
        ),
        Counter::DatagramsOut => total("vestibule_sfu_datagrams_out_total", "Datagrams sent."),
        Counter::BytesOut => total(
            "vestibule_sfu_bytes_out_total",
            "Their bytes, of UDP payload.",
        ),
        Counter::PacketsIn => total("vestibule_sfu_packets_in_total", "RTP packets taken."),
        Counter::PacketsOut => total("vestibule_sfu_packets_out_total", "RTP packets sent."),
        Counter::KeyFramesAsked => total(
            "vestibule_sfu_key_frames_asked_total",
            "Requests for key frames that came from receivers.",
        ),
        Counter::KeyFramesRequested => total(
            "vestibule_sfu_key_frames_requested_total",
            "Requests for key frames that went to publishers.",
        ),
        Counter::RetransmissionsAsked => total(
            "vestibule_sfu_retransmissions_asked_total",
            "Packets that receivers asked for again.",
        ),
        Counter::RetransmissionsSent => total(
            "vestibule_sfu_retransmissions_sent_total",
            "Packets that were sent again because a receiver asked.",
        ),
        Counter::RetransmissionsRefused => total(
            "vestibule_sfu_retransmissions_refused_total",
            "Packets that were asked for and not sent again.",
        ),
        Counter::FallenBehind => total(
            "vestibule_sfu_fallen_behind_total",
            "Times that the worker could not take what came as fast as it came, and sent nothing again for a while.",
        ),
        Counter::Panics => total(
            "vestibule_sfu_panics_total",
            "Panics, each of which ended a call or a worker's calls; others take their place.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::text;
    use crate::counters::{Counters, In};

    #[test]
    fn each_line_is_of_the_format_and_each_worker_tells_its_own() {
        let workers = [Arc::new(Counters::default()), Arc::new(Counters::default())];
        workers[1].dropped(In::UnknownAddress);
        workers[1].datagram_in(100);
        let told = text(&workers);
        for expected in [
            "vestibule_sfu_dropped_total{worker=\"0\",direction=\"in\",reason=\"unknown_address\"} 0\n",
            "vestibule_sfu_dropped_total{worker=\"1\",direction=\"in\",reason=\"unknown_address\"} 1\n",
            "vestibule_sfu_bytes_in_total{worker=\"1\"} 100\n",
            "# TYPE vestibule_sfu_peers gauge\n",
        ] {
            assert!(told.contains(expected), "{expected}{told}");
        }
        for line in told.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("vestibule_sfu_"), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
