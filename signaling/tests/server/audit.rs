//! The audit log, checked and told beside a running server.

use vestibule_signaling::{AuditCheck, Zone};
use vestibule_vocab::{Millis, VisitId};

use crate::on_both_stores;
use crate::support::{House, Kind};

on_both_stores! {
    an_altered_entry_is_found_and_an_untouched_log_is_whole,
    a_visit_is_explained_while_the_server_runs,
}

async fn an_altered_entry_is_found_and_an_untouched_log_is_whole(kind: Kind) {
    const ALTER: &str =
        "UPDATE audit SET entry = replace(entry, 'walked_in', 'wandered_in') WHERE sequence = 3";
    let house = House::open_on(kind).await;
    let (_ada, _page) = house.waiting("Ada").await;
    let (_grace, _page) = house.waiting("Grace").await;
    let office = house.administration().await;
    let whole = office.verify_audit().await.unwrap();
    let AuditCheck::Whole {
        entries: 2, head, ..
    } = whole
    else {
        panic!("{whole:?}");
    };
    let (_alan, _page) = house.waiting("Alan").await;
    let whole = office.verify_audit().await.unwrap();
    assert!(matches!(&whole, AuditCheck::Whole { entries: 3, head: later, .. } if *later != head));
    house.meddle(ALTER, ALTER).await;
    let (_edsger, _page) = house.waiting("Edsger").await;
    let broken = office.verify_audit().await.unwrap();
    assert_eq!(broken, AuditCheck::Broken { entry: 3 });
    const CUT: &str = "DELETE FROM audit WHERE sequence = 2";
    house.meddle(CUT, CUT).await;
    let broken = office.verify_audit().await.unwrap();
    assert_eq!(broken, AuditCheck::Broken { entry: 2 });
}

async fn a_visit_is_explained_while_the_server_runs(kind: Kind) {
    let house = House::open_on(kind).await;
    let (_ada, _page) = house.waiting("Ada").await;
    house.advance(Millis::from_secs(60));
    let (_grace, _other) = house.waiting("Grace").await;
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let [ada, grace] = [seen.waiting[0].visit, seen.waiting[1].visit];
    console.admit_first(grace).await.unwrap();
    let office = house.administration().await;
    let told = async |visit| {
        let sentences = office.explain(visit, Zone::default()).await.unwrap();
        let texts: Vec<String> = sentences.into_iter().map(|it| it.text).collect();
        texts.join(" ")
    };
    let story = told(grace).await;
    assert!(
        story.contains(
            "It was seen before 1 other in its waiting room (who had come earlier and stood before it), because the \
             practitioner chose so for a clinical need (`clinical_need`)."
        ),
        "{story}"
    );
    let story = told(ada).await;
    assert!(story.contains(&grace.to_text()), "{story}");
    assert!(
        story.contains("which came later, was seen before it"),
        "{story}"
    );
    assert_eq!(told(VisitId::from_random(1)).await, "");
    office.close().await.unwrap();
}
