//! What holds whatever lines, cameras and people do.

use proptest::prelude::*;
use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_congestion::{Bitrate, Known};

use super::event::{Event, event};
use super::world::{Track, World};
use crate::allotment::most_for;
use crate::allotment::places::{SMALL, WHOLE};
use crate::limits::{LEGS, VOICE_ALONE};
use crate::{Seat, Slot, Source};

/// Sound comes to everybody, whatever is decided of pictures.
fn everybody_is_heard(world: &mut World) -> Result<(), TestCaseError> {
    let there = world.there.iter().filter(|there| **there).count();
    for who in (0..LEGS)
        .filter(|who| world.there[*who])
        .collect::<Vec<_>>()
    {
        let slots = (0..LEGS).filter_map(Slot::audio);
        for slot in slots {
            prop_assert!(!world.call.is_paused(Seat::ALL[who], slot), "{who}");
        }
        let got = world.send(who, (Source::Microphone, 0), 80);
        prop_assert_eq!(got, there - 1, "of {}", who);
    }
    Ok(())
}

/// Nobody is given a layer that there is not, or that is of no use, nor anything of what is not seen.
fn what_is_given_is_there_and_looked_at(world: &World, index: usize) -> Result<(), TestCaseError> {
    let receiver = &world.receivers[index];
    let tracks = world.tracks(index);
    let several = are_of_several(&tracks) && receiver.line.is_some();
    for track in tracks {
        let useful = receiver.looks.of(track.place);
        let Some(layer) = world.given(index, track.slot) else {
            continue;
        };
        prop_assert!(useful > 0, "{track:?} is not looked at");
        let camera = world.cameras[track.publisher.index()];
        if several {
            prop_assert!(
                layer < useful.min(world.layers(track)),
                "{layer} of {track:?}"
            );
        } else {
            prop_assert!(layer <= WHOLE);
        }
        if track.source == Source::Camera && camera.small && camera.layers > 1 {
            prop_assert_eq!(layer, SMALL, "{:?} is sent small", track);
        }
    }
    Ok(())
}

/// What is given of several people fits into what the line has for pictures. What is of one alone is made to fit by its
/// publisher, who is told to send no more than that, and a voice.
fn what_is_given_fits(world: &World, index: usize, line: Known) -> Result<(), TestCaseError> {
    let tracks = world.tracks(index);
    if are_of_several(&tracks) {
        let given = tracks.iter().filter_map(|track| {
            let layer = world.given(index, track.slot)?;
            Some(world.cost(*track, layer))
        });
        let all = given.fold(Bitrate::ZERO, Bitrate::plus);
        let room = world.room(index, line);
        prop_assert!(all <= room, "{all} of {room}");
        return Ok(());
    }
    let Some(Track { publisher, .. }) = tracks.first() else {
        return Ok(());
    };
    let receiver = (Seat::ALL[index], Some(&world.receivers[index].allotment));
    let told = most_for(world.now, &world.call, *publisher, [receiver]);
    let looks = world.receivers[index].looks;
    if tracks.iter().all(|track| !looks.is_seen(track.place)) {
        prop_assert_eq!(told, MAX_BITRATE);
    } else {
        let most = line.target.max(VOICE_ALONE);
        prop_assert!(told <= most, "{told} of {most}");
    }
    Ok(())
}

fn are_of_several(tracks: &[Track]) -> bool {
    let first = tracks.first().map(|track| track.publisher);
    tracks.iter().any(|track| Some(track.publisher) != first)
}

/// What stopped for a moment is there again, though nothing is heard of any line.
fn what_stopped_goes_on(world: &mut World) -> Result<(), TestCaseError> {
    for _ in 0..2 * LEGS {
        let Some(next) = world.next_timeout() else {
            break;
        };
        world.pass_until(next);
        world.decide();
    }
    for index in (0..LEGS).filter(|index| world.there[*index]) {
        let tracks = world.tracks(index);
        if let [track] = tracks[..]
            && world.receivers[index].looks.is_seen(track.place)
        {
            let given = world.given(index, track.slot);
            prop_assert!(given.is_some(), "{track:?} of {index}");
        }
    }
    Ok(())
}

fn events() -> impl Strategy<Value = (usize, Vec<Event>)> {
    let people = 2..=LEGS;
    people.prop_flat_map(|people| {
        let events = prop::collection::vec(event(people), 1..120);
        (Just(people), events)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nobody_is_given_what_is_too_much_or_of_no_use_and_everybody_is_heard(
        (people, events) in events(),
    ) {
        let mut world = World::new(people);
        for event in events {
            world.apply(event);
            world.decide();
            for index in (0..people).filter(|index| world.there[*index]) {
                what_is_given_is_there_and_looked_at(&world, index)?;
                if let Some(line) = world.receivers[index].line {
                    what_is_given_fits(&world, index, line)?;
                }
            }
            everybody_is_heard(&mut world)?;
        }
        what_stopped_goes_on(&mut world)?;
    }
}
