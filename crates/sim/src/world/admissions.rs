//! Whom a practitioner admits, and what they say when it is before others.

use vestibule_clinic::{Decision, Overtake, WaitingRoom};
use vestibule_vocab::{ConsultationId, PractitionerId, VisitId};

use super::World;

impl World {
    /// Half say why, whether they will be asked or not.
    pub(super) fn some_admission(&mut self, visit: VisitId) -> Decision {
        let all = [
            Overtake::ClinicalNeed,
            Overtake::Continuity,
            Overtake::QuickMatter,
            Overtake::ByAgreement,
            Overtake::WaitingRoomFirst,
        ];
        let said = self.dice.percent(50);
        admission(visit, self.dice.one_of(&all).filter(|_| said))
    }

    /// Now and then, with somebody ready in two waiting rooms, whoever is first in the one that is not next. Of one's own
    /// patient nothing is said.
    pub(super) fn another_waiting_room_first(&mut self, by: PractitionerId) -> Option<Decision> {
        let ready = self.screen().waiting_for(by);
        let ready = ready.filter(|line| line.connected && line.ready);
        let mut ready = ready.map(|line| (line.visit.id, line.visit.waiting_room));
        let (_, next) = ready.next()?;
        let (visit, here) = ready.find(|(_, waiting_room)| *waiting_room != next)?;
        drop(ready);
        let own = here == WaitingRoom::Practitioner(by);
        let said = (!own).then_some(Overtake::WaitingRoomFirst);
        self.dice.percent(15).then(|| admission(visit, said))
    }
}

fn admission(visit: VisitId, overtake: Option<Overtake>) -> Decision {
    Decision::Admit {
        visit,
        // Drawn anew by the node that decides.
        consultation: ConsultationId::from_bytes([0; 16]),
        overtake,
    }
}
