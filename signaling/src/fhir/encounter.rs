//! Encounter: a consultation, with what its receipt says.

use serde_json::{Value, json};
use vestibule_clinic::{Conclusion, Consultation, ConsultationEnd, Service, Visit};
use vestibule_control::Talk;

use super::names::OURS;
use super::{Found, Names, Resource, When, coding, concept, instant, minutes};

const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// A consultation, under way or ended. `visit`: the visit that it belongs to, while that is remembered.
pub(super) fn encounter(
    names: &Names,
    it: &Consultation,
    talk: Talk,
    visit: Option<&Visit>,
    service: Option<&Service>,
) -> Found {
    let status = status(it);
    let end = it.ended.map(|ended| ended.at);
    let period = json!({ "start": instant(it.started_at), "end": end.map(instant) });
    let planned = visit.filter(|visit| visit.appointment.is_some());
    let planned = planned.map(|visit| format!("Appointment/{}", visit.id.to_text()));
    let resource = json!({
        "resourceType": "Encounter",
        "id": it.id,
        "extension": extensions(names, it, talk),
        "status": status,
        "class": coding(ACT_CODE, "VR", "virtual"),
        "serviceType": service.map(|service| names.service_type(service)),
        "subject": names.patient(it.patient),
        "participant": [{
            "type": [concept(PARTICIPATION, "PPRF", "primary performer")],
            "period": period,
            "individual": names.practitioner(it.practitioner),
        }],
        "appointment": [planned.map(|reference| json!({ "reference": reference }))],
        "period": period,
        "length": end.map(|end| minutes(end.since(it.started_at).0)),
        "serviceProvider": names.organization(),
    });
    Found {
        resource: Resource::of(resource),
        id: it.id.to_text(),
        status,
        patient: Some(it.patient),
        practitioner: Some(it.practitioner),
        visit: Some(it.visit),
        when: Some(When {
            from: it.started_at,
            to: end,
        }),
    }
}

/// The code (R4, encounter-status). Nobody was there: it ended before it had begun.
fn status(it: &Consultation) -> &'static str {
    match (it.ended.map(|ended| ended.how), it.held_since) {
        (Some(ConsultationEnd::Completed(Conclusion::NoShow)), _) => "cancelled",
        (Some(_), _) => "finished",
        (None, Some(_)) => "onleave",
        (None, None) => "in-progress",
    }
}

fn extensions(names: &Names, it: &Consultation, talk: Talk) -> Vec<Value> {
    let visit = json!({
        "url": format!("{OURS}visit"),
        "valueIdentifier": names.identifier(&it.visit.to_text()),
    });
    let ended = it.ended.map(|ended| {
        json!({ "url": format!("{OURS}consultation-end"), "valueCode": end_word(ended.how) })
    });
    let concluded = it.ended.and_then(|ended| conclusion_word(ended.how));
    let concluded =
        concluded.map(|word| json!({ "url": format!("{OURS}conclusion"), "valueCode": word }));
    let all = [Some(visit), Some(talked(talk)), ended, concluded];
    all.into_iter().flatten().collect()
}

/// How long people saw or heard one another.
fn talked(talk: Talk) -> Value {
    let part = |url, millis| json!({ "url": url, "valueDuration": minutes(millis) });
    json!({
        "url": format!("{OURS}talk"),
        "extension": [
            part("video", talk.video_ms),
            part("audio", talk.audio_ms),
            part("neither", talk.neither_ms),
        ],
    })
}

fn end_word(how: ConsultationEnd) -> &'static str {
    match how {
        ConsultationEnd::Completed(_) => "completed",
        ConsultationEnd::Transferred => "transferred",
        ConsultationEnd::PatientLeft => "patient_left",
        ConsultationEnd::PatientLost => "patient_lost",
        ConsultationEnd::PractitionerLost => "practitioner_lost",
    }
}

fn conclusion_word(how: ConsultationEnd) -> Option<&'static str> {
    let ConsultationEnd::Completed(conclusion) = how else {
        return None;
    };
    Some(match conclusion {
        Conclusion::Done => "done",
        Conclusion::InPersonNeeded => "in_person_needed",
        Conclusion::SentToEmergency => "sent_to_emergency",
        Conclusion::NoShow => "no_show",
    })
}
