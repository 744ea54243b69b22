//! What time does to gates.

use vestibule_vocab::Timestamp;

use super::{Gate, GateKind, GateState, Gates};
use crate::rules::Step;

impl Gates {
    /// Expires what nobody answered in time; tells which, in order. Coming early or late does no
    /// harm. Waits are counted anew first when the clock stepped back.
    pub fn expire(&mut self, now: Timestamp) -> Vec<GateKind> {
        self.step_back(now);
        if !self.is_running() {
            return Vec::new();
        }
        let mut expired = Vec::new();
        for gate in &mut self.gates {
            match gate.expires_at() {
                Some(at) if at <= now => {
                    gate.state = GateState::Expired { at };
                    expired.push(gate.kind());
                }
                Some(_) | None => {}
            }
        }
        expired
    }

    /// Counts waits that began after `now` from `now`: the clock has stepped back, and nobody shall
    /// wait longer because it did. To be called with whatever happens; it needs no storing, because
    /// it is done again after a restart.
    pub fn step_back(&mut self, now: Timestamp) {
        for gate in &mut self.gates {
            gate.step_back(now);
        }
    }

    /// Answers are waited for as long as was left before the clock was set forward. True when that changes anything.
    pub(crate) fn set_forward(&mut self, step: Step) -> bool {
        let mut changed = false;
        for gate in &mut self.gates {
            changed |= gate.set_forward(step);
        }
        changed
    }

    /// When to call [`expire`](Self::expire); `None` when nothing is due by itself.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        if !self.is_running() {
            return None;
        }
        self.gates.iter().filter_map(Gate::expires_at).min()
    }
}
