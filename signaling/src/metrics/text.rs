//! The text that is told (Prometheus' text-based exposition format, version 0.0.4).

use std::fmt::{Display, Write as _};

use vestibule_clinic::estimate::Counts;

use super::counters::{Attempt, BUCKETS, Counters, Surface};
use super::{Census, Room, STATES};
use crate::store::Backlog;

/// What the format is called.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is told of at one moment.
pub(super) struct Told<'a> {
    pub(super) counters: &'a Counters,
    /// Sessions that are open at this server.
    pub(super) sessions: usize,
    /// Nothing when the clinic did not answer in time.
    pub(super) census: Option<Census>,
    /// Nothing when the store did not answer.
    pub(super) backlog: Option<Backlog>,
}

/// All of it.
pub(super) fn text(told: &Told<'_>) -> String {
    let mut out = Out(String::new());
    out.head("up", "gauge", "Whether this part answered the scrape.");
    out.line("up", "{part=\"clinic\"}", u8::from(told.census.is_some()));
    out.line("up", "{part=\"store\"}", u8::from(told.backlog.is_some()));
    out.head("sessions", "gauge", "Sessions open at this server.");
    out.line("sessions", "", told.sessions);
    if let Some(census) = &told.census {
        clinic(&mut out, census);
    }
    if let Some(backlog) = told.backlog {
        outbox(&mut out, backlog);
    }
    batches(&mut out, told.counters);
    attempts(&mut out, told.counters);
    requests(&mut out, told.counters);
    out.0
}

fn clinic(out: &mut Out, census: &Census) {
    out.head("visits", "gauge", "Visits of the clinic, by state.");
    for (state, count) in STATES.iter().zip(census.visits) {
        out.line("visits", &format!("{{state=\"{state}\"}}"), count);
    }
    out.head("waiting", "gauge", "Patients who wait, by waiting room.");
    for (labels, room) in rooms(census) {
        out.line("waiting", &format!("{{{labels}}}"), room.waiting);
    }
    let help = "The last promises of a wait, a thousand or so for each waiting room, by when the patient was admitted: \
                earlier than the interval, within it, or later. Within it are meant to be 80 %.";
    out.head("promises", "gauge", help);
    for (labels, room) in rooms(census) {
        for (outcome, count) in outcomes(room.promises) {
            let labels = format!("{{{labels},outcome=\"{outcome}\"}}");
            out.line("promises", &labels, count);
        }
    }
}

/// Each service's, and those of all practitioners as one.
fn rooms(census: &Census) -> impl Iterator<Item = (String, &Room)> {
    let services = census.services.iter().map(|(id, room)| {
        let labels = format!("room=\"service\",service=\"{}\"", id.to_text());
        (labels, room)
    });
    let own = "room=\"practitioner\"".to_owned();
    services.chain([(own, &census.practitioners)])
}

fn outcomes(promises: Counts) -> [(&'static str, u32); 3] {
    [
        ("earlier", promises.earlier),
        ("within", promises.within),
        ("later", promises.later),
    ]
}

fn outbox(out: &mut Out, backlog: Backlog) {
    let help = "Deliveries to webhooks that are not done: still to be sent, or given up.";
    out.head("outbox", "gauge", help);
    out.line("outbox", "{state=\"due\"}", backlog.due);
    out.line("outbox", "{state=\"given_up\"}", backlog.given_up);
}

fn batches(out: &mut Out, counters: &Counters) {
    let name = "batch_seconds";
    let help = "How long the store took to write a batch of decisions.";
    out.head(name, "histogram", help);
    let written = counters.written();
    for (most, count) in BUCKETS.iter().zip(&written) {
        let most = seconds(*most);
        let labels = format!("_bucket{{le=\"{most}\"}}");
        out.line(name, &labels, count);
    }
    let all = written.last().copied().unwrap_or_default();
    out.line(name, "_bucket{le=\"+Inf\"}", all);
    out.line(name, "_sum", seconds(counters.writing_micros()));
    out.line(name, "_count", all);
    let help = "Batches that the store did not take; everybody was told to try again.";
    out.head("batches_failed_total", "counter", help);
    out.line("batches_failed_total", "", counters.not_written());
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn attempts(out: &mut Out, counters: &Counters) {
    let name = "webhook_attempts_total";
    let help = "Events that this server sent to webhooks, by what became of it.";
    out.head(name, "counter", help);
    for (end, word) in [
        (Attempt::Delivered, "delivered"),
        (Attempt::Again, "again"),
        (Attempt::GivenUp, "given_up"),
    ] {
        let labels = format!("{{outcome=\"{word}\"}}");
        out.line(name, &labels, counters.attempts(end));
    }
}

fn requests(out: &mut Out, counters: &Counters) {
    let name = "api_requests_total";
    let help = "Requests of other systems, by the class of the answer's status.";
    out.head(name, "counter", help);
    for (by, word) in [(Surface::Rest, "rest"), (Surface::Fhir, "fhir")] {
        for class in 2..=5 {
            let labels = format!("{{api=\"{word}\",status=\"{class}xx\"}}");
            out.line(name, &labels, counters.requests(by, class));
        }
    }
}

/// The text in the making. Writing to a string does not fail.
struct Out(String);

impl Out {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP vestibule_signaling_{name} {help}");
        let _ = writeln!(self.0, "# TYPE vestibule_signaling_{name} {kind}");
    }

    fn line(&mut self, name: &str, rest: &str, value: impl Display) {
        let _ = writeln!(self.0, "vestibule_signaling_{name}{rest} {value}");
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use vestibule_vocab::ServiceId;

    use super::*;

    #[test]
    fn each_line_is_of_the_format_and_names_nobody() {
        let counters = Counters::default();
        counters.answered(Surface::Rest, StatusCode::NOT_FOUND);
        counters.attempted(Attempt::Again);
        let service = ServiceId::from_random(1);
        let kept = Counts {
            earlier: 1,
            within: 8,
            later: 1,
        };
        let room = Room {
            waiting: 3,
            promises: kept,
        };
        let census = Census {
            services: vec![(service, room)],
            ..Census::default()
        };
        let told = text(&Told {
            counters: &counters,
            sessions: 2,
            census: Some(census),
            backlog: Some(Backlog {
                due: 4,
                given_up: 0,
            }),
        });
        let of = format!("room=\"service\",service=\"{}\"", service.to_text());
        for expected in [
            format!("vestibule_signaling_waiting{{{of}}} 3\n"),
            format!("vestibule_signaling_promises{{{of},outcome=\"within\"}} 8\n"),
            "vestibule_signaling_waiting{room=\"practitioner\"} 0\n".to_owned(),
            "vestibule_signaling_outbox{state=\"due\"} 4\n".to_owned(),
            "vestibule_signaling_api_requests_total{api=\"rest\",status=\"4xx\"} 1\n".to_owned(),
            "vestibule_signaling_webhook_attempts_total{outcome=\"again\"} 1\n".to_owned(),
            "vestibule_signaling_batch_seconds_bucket{le=\"0.0025\"} 0\n".to_owned(),
            "# TYPE vestibule_signaling_batch_seconds histogram\n".to_owned(),
        ] {
            assert!(told.contains(&expected), "{expected}{told}");
        }
        for line in told.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("vestibule_signaling_"), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }

    #[test]
    fn what_does_not_answer_is_said_to_be_down_and_left_out() {
        let told = text(&Told {
            counters: &Counters::default(),
            sessions: 0,
            census: None,
            backlog: None,
        });
        assert!(told.contains("vestibule_signaling_up{part=\"clinic\"} 0\n"));
        assert!(told.contains("vestibule_signaling_up{part=\"store\"} 0\n"));
        assert!(!told.contains("vestibule_signaling_visits") && !told.contains("_outbox"));
    }
}
