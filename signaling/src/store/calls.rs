//! The SFU's side of consultations: their calls, whose leg is which, and what flowed there.

use vestibule_control::Talk;
use vestibule_vocab::{CallId, ConsultationId};

use super::commit::Open;
use super::rows::CallIds;
use super::shape::{Shape, row};

static LEGS_CLEARED: Shape = Shape::new("DELETE FROM legs WHERE consultation IN (VALUES", 1, ")");

static LEGS: Shape = Shape::new(
    "INSERT INTO legs (consultation, participant, leg) VALUES",
    3,
    "",
);

/// Nothing has flowed there yet.
static TALK_ROWS: Shape = Shape::new(
    "INSERT INTO talks (call, consultation, video, audio, neither) VALUES",
    5,
    "ON CONFLICT (call) DO NOTHING",
);

static TALKS: Shape = Shape::new(
    "UPDATE talks SET video = flowed.column2, audio = flowed.column3, neither = flowed.column4 FROM (VALUES",
    4,
    ") AS flowed WHERE talks.call = flowed.column1",
);

/// Writes down whose leg is which, in the place of what was written before.
pub(super) async fn put_calls(
    transaction: Open<'_>,
    calls: &[(ConsultationId, &CallIds)],
) -> Result<(), sqlx::Error> {
    let cleared = calls.iter().map(|(consultation, _)| row![*consultation]);
    LEGS_CLEARED.execute(cleared.collect(), transaction).await?;
    let legs = calls.iter().flat_map(|(consultation, ids)| {
        let legs = ids.legs.iter();
        legs.map(|(participant, leg)| row![*consultation, *participant, *leg])
    });
    LEGS.execute(legs.collect(), transaction).await?;
    Ok(())
}

/// Writes down whose call it is.
pub(super) async fn put_talk_rows(
    transaction: Open<'_>,
    calls: &[(CallId, ConsultationId)],
) -> Result<(), sqlx::Error> {
    let rows = calls
        .iter()
        .map(|(call, consultation)| row![*call, *consultation, 0_u64, 0_u64, 0_u64]);
    TALK_ROWS.execute(rows.collect(), transaction).await?;
    Ok(())
}

/// Writes down what flowed in calls until now. A call that was only warm has nobody's receipt.
pub(super) async fn put_talks(
    transaction: Open<'_>,
    talks: &[(CallId, Talk)],
) -> Result<(), sqlx::Error> {
    let rows = talks
        .iter()
        .map(|(call, talk)| row![*call, talk.video_ms, talk.audio_ms, talk.neither_ms]);
    TALKS.execute(rows.collect(), transaction).await?;
    Ok(())
}
