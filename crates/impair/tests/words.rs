//! What people write, and what they are told when it means nothing.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use std::time::Duration;

use vestibule_impair::{
    Adjustment, Blackout, Chain, Change, Direction, Jitter, Loss, PRESETS, Preset, Queue, Rate,
    Reorder, Schedule, Share,
};

fn adjustment(text: &str) -> Adjustment {
    text.parse().unwrap()
}

fn complaint(text: &str) -> String {
    text.parse::<Change>().unwrap_err().to_string()
}

#[test]
fn settings_are_read_as_people_write_them() {
    let ms = Duration::from_millis;
    let percent = |percent: u64| Share::from_ppm(percent * 10_000);
    let mbit = |rate: u64| Rate::from_bits_per_second(rate * 1_000_000);
    let cases = [
        ("delay=40ms", Adjustment::Delay(ms(40))),
        ("delay=1.5s", Adjustment::Delay(ms(1_500))),
        ("delay=250us", Adjustment::Delay(Duration::from_micros(250))),
        ("delay=0", Adjustment::Delay(ms(0))),
        (
            "jitter=10ms",
            Adjustment::Jitter(Jitter {
                spread: ms(10),
                overtakes: false,
            }),
        ),
        (
            "jitter=10ms/overtake",
            Adjustment::Jitter(Jitter {
                spread: ms(10),
                overtakes: true,
            }),
        ),
        ("loss=5%", Adjustment::Loss(Loss::Independent(percent(5)))),
        (
            "loss=0.25%",
            Adjustment::Loss(Loss::Independent(Share::from_ppm(2_500))),
        ),
        (
            "loss=20%/4",
            Adjustment::Loss(Loss::Bursty(Chain {
                worsens: Share::from_ppm(62_500),
                recovers: percent(25),
                loss_while_good: Share::NONE,
                loss_while_bad: Share::ALL,
            })),
        ),
        (
            "loss=1%,25%,0%,80%",
            Adjustment::Loss(Loss::Bursty(Chain {
                worsens: percent(1),
                recovers: percent(25),
                loss_while_good: Share::NONE,
                loss_while_bad: percent(80),
            })),
        ),
        (
            "reorder=5%/30ms",
            Adjustment::Reorder(Reorder {
                share: percent(5),
                hold: ms(30),
            }),
        ),
        ("duplicate=1%", Adjustment::Duplicate(percent(1))),
        ("rate=3M", Adjustment::Rate(mbit(3))),
        ("rate=3Mbit", Adjustment::Rate(mbit(3))),
        ("rate=3000k", Adjustment::Rate(mbit(3))),
        ("rate=none", Adjustment::Rate(None)),
        ("queue=200ms", Adjustment::Queue(Queue::Time(ms(200)))),
        ("queue=64kB", Adjustment::Queue(Queue::Bytes(64_000))),
        ("blackout=on", Adjustment::Blackout(Blackout::On)),
        (
            "blackout=5s",
            Adjustment::Blackout(Blackout::For(ms(5_000))),
        ),
    ];
    for (text, meaning) in cases {
        assert_eq!(adjustment(text), meaning, "{text}");
    }
}

#[test]
fn a_change_says_which_direction_it_concerns() {
    let change: Change = "down loss=5% rate=150k".parse().unwrap();
    assert!(change.concerns(Direction::Down) && !change.concerns(Direction::Up));
    assert_eq!(change.adjustments().len(), 2);
    let both: Change = "loss=5%".parse().unwrap();
    assert!(both.concerns(Direction::Down) && both.concerns(Direction::Up));
}

#[test]
fn who_writes_nonsense_is_told_what_to_write() {
    for (text, hint) in [
        ("delay=40", "such as 40ms"),
        ("delay=-1ms", "such as 40ms"),
        ("delay=2min", "at most a minute"),
        ("loss=5", "such as 5%"),
        ("loss=101%", "such as 5%"),
        ("loss=1%,2%", "four chances"),
        ("loss=90%/2", "can make it up"),
        ("loss=100%/5", "can make it up"),
        ("loss=5%/0", "can make it up"),
        ("reorder=5%/30", "such as 5%/20ms"),
        ("jitter=10", "such as 10ms"),
        ("rate=0", "such as 150k"),
        ("rate=3X", "such as 150k"),
        ("rate=NaNM", "such as 150k"),
        ("queue=many", "such as 64kB"),
        ("blackout=later", "such as 5s"),
        ("speed=3M", "delay, jitter, loss"),
        ("up", "is missing"),
        ("", "is missing"),
    ] {
        let complaint = complaint(text);
        assert!(complaint.contains(hint), "{text}: {complaint}");
    }
    let preset = "bad".parse::<Preset>().unwrap_err().to_string();
    assert!(preset.contains("squeeze"), "{preset}");
}

#[test]
fn a_schedule_is_a_change_a_line() {
    let text = "# all is well at first\n\n50s down rate=3M  # again\n20s rate=150k queue=1s\n";
    let schedule: Schedule = text.parse().unwrap();
    let step = |seconds, change: &str| (Duration::from_secs(seconds), change.parse().unwrap());
    let steps = vec![step(20, "rate=150k queue=1s"), step(50, "down rate=3M")];
    assert_eq!(schedule, Schedule::new(steps));
}

#[test]
fn a_bad_line_of_a_schedule_is_named() {
    for (text, hint) in [
        ("20s rate=150k\nsoon rate=3M", "line 2 of the schedule"),
        ("20 rate=150k", "such as 20s"),
        ("20s", "is missing"),
        ("20s rate=fast", "such as 150k"),
    ] {
        let complaint = text.parse::<Schedule>().unwrap_err().to_string();
        assert!(complaint.contains(hint), "{text}: {complaint}");
    }
    let long = "1s loss=1%\n".repeat(vestibule_impair::limits::STEPS + 1);
    assert!(long.parse::<Schedule>().is_err());
}

#[test]
fn every_preset_can_be_had_by_its_name() {
    for preset in PRESETS {
        assert_eq!(preset.name.parse::<Preset>().unwrap(), *preset);
        assert!(preset.change().is_ok() && preset.schedule().is_ok());
    }
}
