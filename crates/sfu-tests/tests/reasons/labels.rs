//! Each reason has a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::support::World;

/// Each reason, and a test in which something is dropped for it: by an SFU that runs, where that can be had from outside.
const TESTS: [(&str, &str); 51] = [
    // Of what came.
    (
        "queue_full",
        "what_the_kernel_drops_is_counted_for_the_worker_that_did_not_take_it",
    ),
    (
        "unknown_address",
        "attack_17_media_from_another_address_redirects_nothing",
    ),
    (
        "unknown_fragment",
        "attack_11_a_wrong_fragment_is_met_with_silence",
    ),
    (
        "unknown_protocol",
        "attack_15_garbage_from_a_known_address_is_dropped",
    ),
    (
        "too_many_addresses",
        "a_check_from_one_address_too_many_is_counted_and_met_with_silence",
    ),
    (
        "too_many_guesses",
        "attack_11_of_a_million_guesses_few_are_looked_at",
    ),
    (
        "stun_malformed",
        "a_check_that_is_cut_short_behind_its_name_is_counted",
    ),
    (
        "stun_unauthentic",
        "attack_11_a_wrong_password_is_met_with_silence",
    ),
    (
        "stun_replayed",
        "attack_17_a_check_that_was_seen_on_the_way_redirects_nothing",
    ),
    (
        "stun_unasked",
        "an_answer_to_a_check_that_nobody_sent_is_counted",
    ),
    ("dtls_unproved", "dtls_ahead_of_its_checks_is_counted"),
    (
        "dtls_malformed",
        "what_dtls_cannot_use_while_its_handshake_goes_on_is_counted",
    ),
    (
        "dtls_unused",
        "what_dtls_cannot_use_while_its_handshake_goes_on_is_counted",
    ),
    (
        "media_before_handshake",
        "media_ahead_of_the_keys_is_counted",
    ),
    (
        "srtp_too_short",
        "attack_15_headers_that_lie_of_their_length_are_dropped_and_counted_and_the_stream_goes_on",
    ),
    (
        "srtp_malformed",
        "attack_15_headers_that_lie_of_their_length_are_dropped_and_counted_and_the_stream_goes_on",
    ),
    (
        "srtp_replayed",
        "attack_18_reports_that_are_sent_again_are_dropped_and_the_session_survives",
    ),
    (
        "srtp_too_old",
        "attack_18_reports_that_are_sent_again_are_dropped_and_the_session_survives",
    ),
    (
        "srtp_forged",
        "attack_18_a_flood_of_bad_tags_is_dropped_and_the_session_survives",
    ),
    (
        "srtp_not_encrypted",
        "a_report_that_says_that_it_is_not_encrypted_is_counted",
    ),
    // Years of a call away, and a failure of the library.
    (
        "srtp_key_exhausted",
        "what_srtp_has_no_reason_to_refuse_is_counted_as_the_defect_that_it_is",
    ),
    (
        "srtp_library",
        "what_srtp_has_no_reason_to_refuse_is_counted_as_the_defect_that_it_is",
    ),
    (
        "unknown_stream",
        "attack_16_the_stream_of_somebody_else_is_dropped_and_theirs_goes_on",
    ),
    (
        "too_many_streams",
        "attack_16_a_flood_of_streams_of_ones_own_layers_ends_ones_own_connection_alone",
    ),
    (
        "too_large",
        "a_payload_that_is_too_large_goes_to_nobody_and_the_largest_does",
    ),
    (
        "too_much_sound",
        "sound_beyond_what_a_voice_takes_goes_to_nobody_and_a_voice_does",
    ),
    (
        "padding",
        "a_repair_of_nothing_of_what_came_or_of_what_is_long_gone_is_counted_and_others_go_on",
    ),
    (
        "repeated",
        "a_repair_of_nothing_of_what_came_or_of_what_is_long_gone_is_counted_and_others_go_on",
    ),
    (
        "too_old",
        "a_repair_of_nothing_of_what_came_or_of_what_is_long_gone_is_counted_and_others_go_on",
    ),
    (
        "rtcp_malformed",
        "attack_15_reports_are_read_up_to_where_they_lie",
    ),
    (
        "unknown_stream_report",
        "a_report_on_a_stream_that_its_sender_is_not_sent_is_counted_and_its_other_parts_are_taken",
    ),
    ("call_failed", "a_panic_ends_nothing_at_another_worker"),
    (
        "call_closed",
        "why_a_packet_goes_to_nobody_is_counted_under_its_own_reason",
    ),
    (
        "picture_malformed",
        "why_a_packet_goes_to_nobody_is_counted_under_its_own_reason",
    ),
    (
        "came_before",
        "why_a_packet_goes_to_nobody_is_counted_under_its_own_reason",
    ),
    (
        "another_presents",
        "why_a_packet_goes_to_nobody_is_counted_under_its_own_reason",
    ),
    // Of what was to go.
    (
        "pacer_full",
        "what_finds_no_place_among_what_waits_is_counted",
    ),
    (
        "history_missing",
        "what_is_asked_for_and_kept_no_more_is_counted",
    ),
    (
        "resent_just_now",
        "what_is_asked_for_twice_at_once_is_sent_once_and_counted",
    ),
    (
        "resent_too_often",
        "what_is_asked_for_again_and_again_is_counted",
    ),
    (
        "resent_budget",
        "what_is_asked_for_beyond_the_share_of_repairs_is_counted",
    ),
    (
        "not_taken",
        "whoever_takes_none_ends_it_and_is_sent_none_meanwhile",
    ),
    // A defect, a kernel that refuses, and more than can go by while something waits.
    ("not_written", "a_report_that_cannot_be_sealed_is_counted"),
    ("send_failed", "what_the_kernel_does_not_take_is_counted"),
    (
        "turn_too_late",
        "a_packet_whose_number_means_another_by_its_turn_is_told_of",
    ),
    (
        "no_connection",
        "what_waits_for_somebody_who_goes_is_counted",
    ),
    (
        "before_joining",
        "why_a_packet_goes_to_nobody_is_counted_under_its_own_reason",
    ),
    (
        "no_key_frame",
        "why_a_packet_goes_to_nobody_is_counted_under_its_own_reason",
    ),
    (
        "asked_too_much",
        "what_one_report_asks_for_beyond_the_limit_is_counted",
    ),
    (
        "paused",
        "what_was_lost_of_a_picture_before_nobody_looked_is_not_sent_again",
    ),
    (
        "behind",
        "what_is_asked_for_again_of_a_worker_that_is_behind_is_counted",
    ),
];

/// Where tests are: those of a running SFU, which name the reason, and those beside what they test.
const OUTSIDE: &str = "tests";
const BESIDE: &str = "../../sfu/src";

/// All that is written in Rust below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let all = paths.iter().flat_map(|path| {
        if path.is_dir() {
            sources(path)
        } else {
            vec![fs::read_to_string(path).unwrap()]
        }
    });
    all.collect()
}

#[test]
fn each_reason_that_is_told_has_a_test_that_is_there() {
    let page = World::start().metrics();
    let lines = page.lines();
    let lines = lines.filter(|line| line.starts_with("vestibule_sfu_dropped_total"));
    let told: BTreeSet<_> = lines
        .map(|line| {
            let (_, reason) = line.split_once("reason=\"").unwrap();
            reason.split_once('"').unwrap().0
        })
        .collect();
    let tested: BTreeSet<_> = TESTS.iter().map(|(reason, _)| *reason).collect();
    assert_eq!(told, tested);

    let base = Path::new(env!("CARGO_MANIFEST_DIR"));
    let [outside, beside] = [OUTSIDE, BESIDE].map(|folder| sources(&base.join(folder)));
    for (reason, test) in TESTS {
        let test = format!("fn {test}(");
        let name = format!("\"{reason}\"");
        let names = |source: &&String| source.contains(&test) && source.contains(&name);
        let from_outside = outside.iter().find(names);
        let beside = beside.iter().find(|source| source.contains(&test));
        assert!(from_outside.or(beside).is_some(), "{reason}: {test}");
    }
}
