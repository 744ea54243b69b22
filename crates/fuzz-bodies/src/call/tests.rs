use vestibule_rtp::demux::{Protocol, protocol};

use super::Stage;

const FILM: u8 = 2 << 2;
const ARRIVALS: u8 = 7 << 2;
const WAIT: u8 = 10 << 2;
const LOST: u8 = 5 << 2;
const COME_AND_GO: u8 = 14 << 2;

/// How many packets of media reach the second by these steps.
fn reach(steps: &[[u8; 4]]) -> usize {
    let mut stage = Stage::new();
    let mut reached = 0;
    for [step, one, two, three] in steps {
        stage.act(*step, [*one, *two, *three], &[]);
        stage.settle();
        let second = stage.people[1].address();
        let left = stage.left.take();
        let media = |(to, datagram): &&(_, Vec<u8>)| {
            *to == second && protocol(datagram) == Some(Protocol::Rtp)
        };
        reached += left.iter().filter(media).count();
        stage.look_at(left);
    }
    reached
}

#[test]
fn pictures_reach_the_other_and_come_again_when_they_are_asked_for() {
    let film = [FILM, 63, 0x25, 0];
    let told = [ARRIVALS | 1, 0, 0, 0];
    let wait = [WAIT, 100, 0, 0];
    let reached = reach(&[film, told, wait]);
    assert!(reached >= 63, "{reached}");
    let streams = 24;
    let asked = (0..streams).map(|which| [LOST | 1, which, 5, 5]);
    let steps: Vec<_> = [film, told]
        .into_iter()
        .chain(asked)
        .chain([wait])
        .collect();
    let again = reach(&steps);
    assert_eq!(again, reached + 5);
}

#[test]
fn a_third_who_comes_later_shows_a_screen() {
    let comes = [COME_AND_GO | 2, 3, 0, 0];
    let screen = [FILM | 2, 20, 0xa5, 0];
    assert_eq!(reach(&[screen]), 0);
    assert!(reach(&[comes, screen]) >= 20);
}
