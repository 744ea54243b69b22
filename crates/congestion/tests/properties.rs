//! What holds whatever a receiver says.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

use std::collections::VecDeque;

use proptest::prelude::*;
use vestibule_congestion::{Bitrate, Line, Moment, Report, Settings};

/// What can happen to a line. Times in microseconds.
#[derive(Clone, Debug)]
enum Event {
    Send {
        packets: u8,
        size: u16,
    },
    Wait {
        micros: u64,
    },
    /// All that was sent lately, at times that a receiver made up.
    Claim {
        every: u64,
        skip: u16,
        offset: u64,
    },
    Feedback {
        reports: Vec<(u16, Option<u64>)>,
    },
    Pad {
        packets: u8,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let time = prop_oneof![any::<u64>(), 0_u64..100_000_000];
    prop_oneof![
        8 => (1_u8..40, 0_u16..1500).prop_map(|(packets, size)| Event::Send { packets, size }),
        8 => (0_u64..300_000).prop_map(|micros| Event::Wait { micros }),
        1 => (0_u64..20_000_000).prop_map(|micros| Event::Wait { micros }),
        8 => (0_u64..3000, 1_u16..20, time.clone())
            .prop_map(|(every, skip, offset)| Event::Claim { every, skip, offset }),
        2 => prop::collection::vec((any::<u16>(), prop::option::of(time)), 0..50)
            .prop_map(|reports| Event::Feedback { reports }),
        4 => (1_u8..20).prop_map(|packets| Event::Pad { packets }),
    ]
}

struct World {
    line: Line,
    now: u64,
    sent: VecDeque<u16>,
    claimed: u64,
    /// The highest rate of a probe.
    tried: Bitrate,
}

impl World {
    fn new(settings: Settings, now: u64) -> Self {
        Self {
            line: Line::new(Moment::from_micros(now), settings),
            now,
            sent: VecDeque::new(),
            claimed: 0,
            tried: Bitrate::ZERO,
        }
    }

    fn moment(&self) -> Moment {
        Moment::from_micros(self.now)
    }

    fn sent(&mut self, size: u16) {
        let number = self.line.on_sent(self.moment(), size);
        self.sent.push_back(number);
        if self.sent.len() > 1500 {
            self.sent.pop_front();
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Send { packets, size } => (0..*packets).for_each(|_| self.sent(*size)),
            Event::Wait { micros } => {
                self.now += micros;
                self.line.handle_timeout(self.moment());
            }
            Event::Claim {
                every,
                skip,
                offset,
            } => {
                self.claimed = self.claimed.wrapping_add(offset % 50_000);
                let from = self.claimed;
                let sent = std::mem::take(&mut self.sent);
                let reports = (0_u64..)
                    .zip(&sent)
                    .filter(|(_, number)| **number % skip == 0);
                let reports = reports.map(|(index, number)| Report {
                    number: *number,
                    arrived: Some(Moment::from_micros(from.wrapping_add(index * every))),
                });
                self.line.on_feedback(self.moment(), reports);
            }
            Event::Feedback { reports } => {
                let reports = reports.iter().map(|(number, arrived)| Report {
                    number: *number,
                    arrived: arrived.map(Moment::from_micros),
                });
                self.line.on_feedback(self.moment(), reports);
            }
            Event::Pad { packets } => {
                for _ in 0..*packets {
                    let Some(padding) = self.line.want_padding(self.moment()) else {
                        break;
                    };
                    self.tried = self.tried.max(padding.bitrate);
                    self.sent(padding.bytes as u16);
                }
            }
        }
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    (0_u64..500, 0_u64..2000, 0_u64..10_000).prop_map(|(min, start, max)| Settings {
        start: Bitrate::kbps(start),
        min: Bitrate::kbps(min),
        max: Bitrate::kbps(max),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_target_stays_within_its_bounds(
        settings in settings(),
        start in any::<u32>(),
        events in prop::collection::vec(event(), 1..300),
    ) {
        let mut world = World::new(settings, start.into());
        for event in &events {
            world.apply(event);
            let target = world.line.target();
            prop_assert!(target >= settings.min, "{target}");
            prop_assert!(target <= settings.max.max(settings.min), "{target}");
            if let Some(next) = world.line.next_timeout() {
                prop_assert!(next.as_micros() < world.now + 60_000_000_000);
            }
        }
    }

    /// Only a probe that was really sent may do more, and no receiver makes us send one: without padding
    /// there are none.
    #[test]
    fn no_receiver_makes_the_target_more_than_double_in_a_second(
        events in prop::collection::vec(event(), 1..300),
    ) {
        let mut world = World::new(Settings::default(), 1_000_000);
        let mut history = VecDeque::from([(world.now, world.line.target())]);
        for event in &events {
            if matches!(event, Event::Pad { .. }) {
                continue;
            }
            world.apply(event);
            let target = world.line.target();
            history.push_back((world.now, target));
            history.retain(|(at, _)| at + 1_000_000 >= world.now);
            let least = history.iter().map(|(_, target)| *target).min().unwrap();
            prop_assert!(
                target.as_f64() <= least.as_f64() * 2.0 + 2.0,
                "{least} became {target}"
            );
        }
    }

    /// And a probe that was sent proves no more than the rate that it was sent at.
    #[test]
    fn no_probe_proves_more_than_was_tried(
        events in prop::collection::vec(event(), 1..300),
    ) {
        let mut world = World::new(Settings::default(), 1_000_000);
        for event in &events {
            let before = (world.now, world.line.target());
            world.apply(event);
            let seconds = (world.now - before.0) as f64 / 1_000_000.0;
            let grown = before.1.times(2.0_f64.powf(seconds.min(10.0)) * 2.0);
            let target = world.line.target();
            prop_assert!(target <= grown.max(world.tried).plus(Bitrate::bps(2)), "{target}");
        }
    }
}
