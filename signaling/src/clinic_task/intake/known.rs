//! What the server itself knows of somebody who arrives, told to the gates that follow from it.

use std::collections::BTreeSet;

use vestibule_clinic::{
    GateKind, GateState, IdentityLevel, Input, Knowledge, Learning, Teller, VisitState,
};
use vestibule_vocab::VisitId;

use crate::clinic_task::batch::Batch;
use crate::clinic_task::desk::Desk;
use crate::identity::Subject;

impl Desk {
    /// A visit has arrived: by a session that claims who it is, and with no relation to anybody that is known here. What was
    /// said of relations before stands.
    pub(in crate::clinic_task) fn tell_what_is_known(
        &mut self,
        visit: VisitId,
        level: IdentityLevel,
        batch: &mut Batch,
    ) {
        self.learn(visit, Knowledge::Identity { level }, batch);
        if self.is_pending(visit, &GateKind::Eligibility) {
            let knowledge = Knowledge::Eligibility {
                relations: BTreeSet::new(),
                claimed: None,
            };
            self.learn(visit, knowledge, batch);
        }
    }

    /// A patient opened a session. Until the visit is admitted, its gate of identity follows what the session claims that is
    /// open last: by a surer link it opens, and by a less sure one it shuts. Afterwards another service may ask, to which the
    /// visit is handed on.
    pub(in crate::clinic_task) fn learn_who_it_is(
        &mut self,
        subject: Subject,
        level: IdentityLevel,
        batch: &mut Batch,
    ) {
        let Subject::Patient { visit, .. } = subject else {
            return;
        };
        let view = self.clinic.visit(visit);
        let came = |state: &VisitState| state.is_active() && *state != VisitState::Expected;
        if view.is_some_and(|view| came(&view.visit.state)) {
            self.learn(visit, Knowledge::Identity { level }, batch);
        }
    }

    /// It is known by what the patient did. A gate that is somebody else's to open, or that somebody opened by hand, stays as it is.
    fn learn(&mut self, visit: VisitId, knowledge: Knowledge, batch: &mut Batch) {
        let _ = self.decide(
            Input::Learn(Learning {
                visit,
                from: Teller::Patient,
                knowledge,
            }),
            batch,
        );
    }

    fn is_pending(&self, visit: VisitId, kind: &GateKind) -> bool {
        let view = self.clinic.visit(visit);
        let mut gates = view.iter().flat_map(|view| view.visit.gates.gates());
        gates.any(|gate| gate.kind() == *kind && matches!(gate.state, GateState::Pending { .. }))
    }
}
