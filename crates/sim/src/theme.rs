//! What kind of day a schedule is.

use vestibule_clinic::{Input, Policy, Practitioner};
use vestibule_vocab::{Millis, Timestamp};

use crate::catalogue::{some_service, some_shield, some_shift};
use crate::dice::Dice;
use crate::limits::{CROWDED, FEWEST_INPUTS, MOST_INPUTS, PRACTITIONERS, SERVICES};
use crate::people;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    pub(crate) inputs: u64,
    pub(crate) policy: Policy,
    /// One practitioner puts many on hold, which takes a while.
    pub(crate) holding: bool,
    /// As many practitioners are connected as a clinic takes.
    pub(crate) crowded: bool,
    /// Both nodes have the same clock, which never steps: what is promised in minutes is held against the world's time.
    pub(crate) steady: bool,
    /// Both nodes have the same clock, which is set forward now and then.
    pub(crate) hasty: bool,
    /// Everybody's work is planned, and hardly longer than the morning.
    pub(crate) planned: bool,
}

impl Theme {
    pub(crate) fn draw(seed: u64, dice: &mut Dice) -> Self {
        let holding = dice.percent(15);
        let waiting = if holding { 9 } else { 1 + dice.number(6) };
        let mut theme = Self {
            inputs: if holding {
                MOST_INPUTS
            } else {
                FEWEST_INPUTS + dice.below(MOST_INPUTS - FEWEST_INPUTS + 1)
            },
            policy: Policy {
                grace: seconds(dice, 30, 300),
                keep_place: seconds(dice, 60, if holding { 7_200 } else { 900 }),
                called: seconds(dice, 30, 300),
                expected: seconds(dice, 60, 1_800),
                waiting: usize::try_from(waiting).unwrap_or(1),
                remember: seconds(dice, 300, 7_200),
            },
            holding,
            crowded: seed % CROWDED == CROWDED - 1,
            steady: dice.percent(40),
            hasty: false,
            planned: !holding && dice.percent(20),
        };
        theme.hasty = !theme.steady && dice.percent(30);
        theme
    }

    /// What the clinic sets first.
    pub(crate) fn founding(self, dice: &mut Dice, now: Timestamp) -> Vec<Input> {
        let mut all: Vec<Input> = (1..=SERVICES)
            .map(|number| some_service(self, number, dice, now))
            .collect();
        all.extend((0..PRACTITIONERS).map(|number| self.some_practitioner(number, dice, now)));
        all
    }

    /// The first practises service 1, the last service 2, the others both; the second speaks French alone.
    pub(crate) fn some_practitioner(self, number: u32, dice: &mut Dice, now: Timestamp) -> Input {
        let services = match number {
            0 => 1..=1,
            1..PRACTITIONERS if number + 1 < PRACTITIONERS => 1..=SERVICES,
            _ => SERVICES..=SERVICES,
        };
        let services = services.map(people::service);
        let mut card = Practitioner::named(people::practitioner(number), "Dr Martin", services);
        if number == 1 {
            card.languages.extend(people::french());
        }
        if !self.holding && dice.percent(35) {
            card.shield = some_shield(dice);
        }
        if self.planned || !self.holding && dice.percent(5) {
            card.roster = some_shift(dice, now);
        }
        Input::SetPractitioner {
            practitioner: Box::new(card),
        }
    }
}

pub(crate) fn seconds(dice: &mut Dice, least: u64, most: u64) -> Millis {
    Millis::from_secs(least + dice.below(most - least))
}
