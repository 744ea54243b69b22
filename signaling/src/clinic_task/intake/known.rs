//! What the server itself knows of somebody who arrives, told to the gates that follow from it.

use std::collections::BTreeSet;

use vestibule_clinic::{GateKind, GateState, IdentityLevel, Input, Knowledge};
use vestibule_vocab::VisitId;

use crate::clinic_task::batch::Batch;
use crate::clinic_task::desk::Desk;

impl Desk {
    /// A visit has arrived: by a link, and with no relation to anybody that is known here. What a gate was answered before
    /// stands.
    pub(in crate::clinic_task) fn tell_what_is_known(&mut self, visit: VisitId, batch: &mut Batch) {
        for (gate, knowledge) in [
            (
                GateKind::Identity,
                Knowledge::Identity {
                    level: IdentityLevel::Link,
                },
            ),
            (
                GateKind::Eligibility,
                Knowledge::Eligibility {
                    relations: BTreeSet::new(),
                    claimed: None,
                },
            ),
        ] {
            if self.is_pending(visit, &gate) {
                // A gate that is somebody else's to open stays as it is.
                let _ = self.decide(Input::Learn { visit, knowledge }, batch);
            }
        }
    }

    fn is_pending(&self, visit: VisitId, kind: &GateKind) -> bool {
        let view = self.clinic.visit(visit);
        let mut gates = view.iter().flat_map(|view| view.visit.gates.gates());
        gates.any(|gate| gate.kind() == *kind && matches!(gate.state, GateState::Pending { .. }))
    }
}
