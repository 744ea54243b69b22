use serde_json::{Value, json};

use super::Report;
use crate::drops::Drops;
use crate::run::{Measured, Told, Used};

/// Whether a run went well by the strictest rules, in which one thing was as the test has it.
fn went_well(change: impl FnOnce(&mut Measured)) -> bool {
    judged(0.0, 5.0, change)
}

fn judged(loss: f64, p99_ms: f64, change: impl FnOnce(&mut Measured)) -> bool {
    let mut measured = Measured::flawless();
    change(&mut measured);
    Report::of(&measured).went_well(loss, p99_ms)
}

#[test]
fn a_run_without_a_flaw_went_well_and_nothing_is_remarked() {
    assert!(went_well(|_| {}));
    let report = Report::of(&Measured::flawless());
    assert_eq!(report.remarks, Vec::<String>::new());
}

#[test]
fn one_packet_that_was_not_delivered_is_too_much_unless_it_was_allowed() {
    let missing = |packets| move |it: &mut Measured| it.tally.delivered -= packets;
    assert!(!went_well(missing(1)));
    assert!(judged(0.01, 5.0, missing(1)));
    assert!(judged(0.01, 5.0, missing(2)));
    assert!(!judged(0.01, 5.0, missing(3)));
}

#[test]
fn a_run_in_which_nothing_was_sent_did_not_go_well() {
    assert!(!judged(1.0, 5.0, |it| it.tally = Default::default()));
}

#[test]
fn one_stream_that_nobody_heard_is_too_much_whatever_may_be_lost() {
    // What nobody heard is not among the packets, and no loss.
    assert!(!judged(1.0, 5.0, |it| it.course.heard -= 1));
}

#[test]
fn one_connection_that_ended_is_too_much_whatever_may_be_lost() {
    assert!(!judged(1.0, 5.0, |it| it.tally.ended = 1));
}

#[test]
fn a_server_that_was_gone_before_the_end_is_too_much_whatever_may_be_lost() {
    let gone = |it: &mut Measured| it.broken_off = Some("it fell over".to_owned());
    assert!(!judged(1.0, 5.0, gone));
}

#[test]
fn the_slowest_hundredth_is_faster_than_what_was_asked_for() {
    let slow = |packets| {
        move |it: &mut Measured| (0..packets).for_each(|_| it.tally.latency.note(5_000_000))
    };
    // Of 200 packets and two.
    assert!(went_well(slow(2)));
    assert!(!went_well(slow(3)));
    assert!(judged(0.0, 5.01, slow(3)));
}

#[test]
fn what_is_wrong_with_a_run_is_said_of_it() {
    let mut measured = Measured::flawless();
    measured.course.heard -= 3;
    measured.tally.ended = 2;
    measured.tally.strange = 4;
    measured.dropped.1 = 7;
    let remarks = Report::of(&measured).remarks;
    let expected = [
        "3 of 24 streams were not heard before the measured part",
        "2 connections ended",
        "clients could not open or understand 4 packets: what they lack may have come",
        "the kernel dropped 7 datagrams on the server's sockets: without root it keeps no more than \
         net.core.rmem_max, and 8388608 is asked for",
    ];
    assert_eq!(remarks, expected);
}

#[test]
fn joining_and_admission_are_told_with_how_many_there_were_and_none_is_no_length() {
    let mut measured = Measured::flawless();
    measured.signaling = Some(Used::default());
    measured.tally.first_packet.note(2_000_000);
    let report = Report::of(&measured);
    let table = report.to_string();
    let rows = [
        "  join to packet   p50 2.00 ms, p99 2.00 ms, max 2.00 ms, of 1",
        "  admit to packet  none",
    ];
    for row in rows {
        assert!(table.lines().any(|line| line == row), "{table}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json.pointer("/first_packet/count"), Some(&json!(1)));
    let none = json!({ "count": 0, "p50_ms": null, "p99_ms": null, "max_ms": null });
    assert_eq!(json.pointer("/admission"), Some(&none));
}

/// What the table and the JSON have of what the server dropped, where it told this.
fn dropped(drops: Told) -> (Option<String>, Value) {
    let report = Report::of(&Measured {
        drops,
        ..Measured::flawless()
    });
    let table = report.to_string();
    let row = table.lines().find_map(|row| row.strip_prefix("  dropped "));
    let row = row.map(|row| row.trim().to_owned());
    let json = serde_json::to_value(&report).unwrap();
    (row, json.get("dropped").unwrap().clone())
}

#[test]
fn what_the_server_dropped_has_a_row_when_there_is_any_and_is_always_in_the_json() {
    let line =
        "vestibule_sfu_dropped_total{worker=\"0\",direction=\"out\",reason=\"turn_too_late\"} 35\n";
    let (row, json) = dropped(Ok(Drops::read(line)));
    assert_eq!(row.as_deref(), Some("35 turn_too_late"));
    assert_eq!(json, json!({ "turn_too_late": 35 }));
    assert_eq!(dropped(Ok(Some(Drops::default()))), (None, json!({})));
    assert_eq!(dropped(Ok(None)), (None, Value::Null));
    assert_eq!(dropped(Err("why".to_owned())), (None, Value::Null));
}

#[test]
fn a_server_that_does_not_say_what_it_dropped_although_it_counts_it_is_remarked() {
    let remarks = |drops| {
        let measured = Measured {
            drops,
            ..Measured::flawless()
        };
        Report::of(&measured).remarks.concat()
    };
    assert_eq!(remarks(Ok(None)), "");
    assert_eq!(
        remarks(Err("why".to_owned())),
        "what the server dropped is not known: why"
    );
}

/// What is remarked of a run with this one flaw, which makes its figures doubtful.
fn doubt(change: impl FnOnce(&mut Measured)) -> String {
    let mut measured = Measured::flawless();
    change(&mut measured);
    let report = Report::of(&measured);
    assert!(report.is_doubtful());
    report.remarks.concat()
}

#[test]
fn the_load_tool_says_when_it_was_itself_the_limit() {
    let says = |doubt: &str, what: &str| {
        let expected = format!("the load tool was itself the limit: {what}");
        assert_eq!(doubt, expected);
    };
    let busy = doubt(|it| it.own_time = 950_000_000);
    says(&busy, "it took 95 % of its core");
    let late = doubt(|it| (0..100).for_each(|_| it.tally.lateness.note(4_000_000)));
    assert!(
        late.contains("itself the limit: it sent ") && late.ends_with(" ms late (p99)"),
        "{late}"
    );
    says(&doubt(|it| it.tally.skipped = 3), "it left out 3 bursts");
    let refused = doubt(|it| it.tally.refused = 5);
    says(&refused, "the kernel did not take 5 packets");
    says(
        &doubt(|it| it.dropped.0 = 9),
        "its sockets lost 9 datagrams",
    );
}

#[test]
fn it_says_when_the_machine_was_noisy() {
    let noisy = doubt(|it| it.cores.busy = 0.1);
    assert!(
        noisy.starts_with("the machine was noisy: others took 5.0 %"),
        "{noisy}"
    );
    let stolen = doubt(|it| it.cores.steal = 0.04);
    assert!(stolen.ends_with("the hypervisor 2.0 %"), "{stolen}");
}
