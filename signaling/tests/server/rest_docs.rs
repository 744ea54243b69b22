//! The description of the API, as programs and people read it.

use vestibule_signaling::openapi_json;

use crate::support::{House, web};

#[tokio::test]
async fn the_description_is_served_and_a_page_for_people_beside_it() {
    let house = House::open().await;
    let served = web::get(house.address(), "/api/v1/openapi.json").await;
    assert_eq!(served.header("content-type"), Some("application/json"));
    assert_eq!(served.body, openapi_json().unwrap());

    let page = web::get(house.address(), "/api/v1/docs").await;
    assert_eq!(page.status, 200);
    for expected in [
        "POST /api/v1/appointments",
        "appointments:write",
        "id=\"idempotency_key_reused\"",
        "id=\"appointment_overlaps\"",
        "id=\"gate_expired\"",
        "id=\"invitation_used\"",
    ] {
        assert!(page.body.contains(expected), "{expected}");
    }
    // Each code that is written about has its place there, and in the description that programs read.
    let written = include_str!("../../../docs/rest.md");
    let coded = written
        .lines()
        .filter(|line| line.starts_with("| 4") || line.starts_with("| 5"));
    let written: Vec<_> = coded
        .flat_map(|line| line.split('|').nth(2).unwrap_or_default().split(", "))
        .map(|code| code.trim().trim_matches('`').to_owned())
        .collect();
    assert!(written.len() > 60, "{written:?}");
    for code in &written {
        let place = format!("id=\"{code}\"");
        assert!(page.body.contains(&place), "{code} is not on the page");
        let named = format!("`{code}` (");
        assert!(served.body.contains(&named), "{code} is not described");
    }
    // Each is a place in the page, and no two are one.
    let mut codes: Vec<_> = page.body.split("<tr id=\"").skip(1).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup_by_key(|it| it.split('"').next());
    assert_eq!(codes.len(), all);
    // The page's policy lets nothing in that is written into it, and nothing from elsewhere.
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    assert!(!page.body.contains("://"), "{}", page.body);
    let style = web::get(house.address(), "/api/v1/docs.css").await;
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
}
