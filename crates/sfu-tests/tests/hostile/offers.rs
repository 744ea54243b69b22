//! Offers that are not authorised, or of another form.

use vestibule_control::OfferRefusal;

use super::support::{World, call};
use super::{PATIENT, PRACTITIONER, consultation, undisturbed};

fn fresh_offer(world: &mut World) -> String {
    let client = world.add_client();
    let offer = world.clients[client].offer();
    world.clients.pop();
    offer
}

#[test]
fn threat_04_an_offer_without_authorisation_is_refused_like_one_for_nothing() {
    let mut world = consultation();
    let offer = fresh_offer(&mut world);
    let refused = Err(OfferRefusal::UnknownLeg);
    assert_eq!(world.offer(3, 1, &offer), refused);
    assert_eq!(world.offer_to(call(2), PATIENT, 1, &offer), refused);
    assert_eq!(world.offer_to(call(2), 3, 1, "not even SDP"), refused);
    undisturbed(&mut world);
}

/// Offers that differ from a good one in one thing.
fn bad_offers(good: &str) -> Vec<String> {
    let mids: Vec<_> = good
        .lines()
        .filter_map(|line| line.strip_prefix("a=mid:"))
        .collect();
    let injected = |text: &str| good.replacen("a=sendonly", &format!("a=sendonly{text}"), 1);
    // Into a line that nobody reads.
    let injected_unread = |text: &str| good.replacen("s=-", &format!("s=-{text}"), 1);
    vec![
        String::new(),
        "v=0\r\n".to_owned(),
        "\0".repeat(100),
        good.to_owned() + &"m=x 9\r\n".repeat(10_000),
        good.to_owned() + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        one_more(good, &mids),
        injected("\rm=video 9 UDP/TLS/RTP/SAVPF 96"),
        injected("\nm=video 9 UDP/TLS/RTP/SAVPF 96"),
        injected("\0"),
        injected_unread("\rm=video 9 UDP/TLS/RTP/SAVPF 96"),
        injected_unread("\u{85}"),
        good.replacen("a=sendonly", "a=recvonly", 1),
        good.replace("a=fingerprint", "a=fingerprints"),
        good.replace("a=ice-pwd", "a=ice-password"),
        good.replace("VP8", "H264"),
        good.replace(mids[1], mids[0]),
    ]
}

/// The same offer with one section more, which is as good as the others.
fn one_more(good: &str, mids: &[&str]) -> String {
    let last = mids.last().unwrap();
    let (_, section) = good.rsplit_once("m=video").unwrap();
    let more = format!("{good}m=video{}", section.replace(last, "zz"));
    // The first mention is in the group.
    more.replacen(last, &format!("{last} zz"), 1)
}

#[test]
fn attack_10_an_offer_of_another_form_is_refused_whole_and_the_call_is_unchanged() {
    let mut world = consultation();
    let good = fresh_offer(&mut world);
    for person in [PATIENT, PRACTITIONER] {
        for sdp in bad_offers(&good) {
            assert_ne!(sdp, good);
            // On a new connection, and on the one that is up.
            for connection in [2, 1] {
                let outcome = world.offer(person, connection, &sdp);
                assert_eq!(outcome, Err(OfferRefusal::InvalidOffer), "{sdp:.2000}");
            }
        }
    }
    undisturbed(&mut world);
}

#[test]
fn attack_10_an_ice_restart_with_another_fingerprint_is_refused() {
    let mut world = consultation();
    // Well-formed, and of somebody else's certificate.
    let other = fresh_offer(&mut world);
    let refused = Err(OfferRefusal::InvalidOffer);
    assert_eq!(world.offer(PATIENT, 1, &other), refused);
    // The patient's own, with nothing changed but the fingerprint.
    let restart = world.clients[0].offer();
    let old = restart.lines().find(|it| it.starts_with("a=fingerprint"));
    let new = other.lines().find(|it| it.starts_with("a=fingerprint"));
    let forged = restart.replace(old.unwrap(), new.unwrap());
    assert_eq!(world.offer(PATIENT, 1, &forged), refused);
    undisturbed(&mut world);
    let answer = world.offer(PATIENT, 1, &restart).unwrap();
    world.clients[0].accept(&answer);
    undisturbed(&mut world);
}
