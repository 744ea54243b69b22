//! Bundle: one page of what was searched for.

use serde_json::{Value, json};

use super::kind::{Kind, Rows};
use super::search::{Place, Search, place_words};
use super::{Found, Resource};

/// The page of those rows that are found. It may have fewer resources than were asked for, and more behind them.
pub(super) fn page<K: Kind>(base: &str, search: &Search, rows: Rows) -> Resource {
    let limit = usize::try_from(search.count).unwrap_or(usize::MAX);
    let mut entries = Vec::new();
    let mut last = None;
    let mut at_end = rows.at_end;
    for (place, found) in rows.rows {
        if entries.len() >= limit {
            at_end = false;
            break;
        }
        last = Some(place);
        let found = found.filter(|found| search.finds(found));
        entries.extend(found.map(|found| entry::<K>(base, found)));
    }
    let next = last.filter(|_| !at_end);
    let link = |relation: &str, place: Option<Place>| json!({ "relation": relation, "url": address::<K>(base, search, place) });
    let this = link("self", search.after);
    let next = next.map(|place| link("next", Some(place)));
    Resource::of(json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [this, next],
        "entry": entries,
    }))
}

fn entry<K: Kind>(base: &str, found: Found) -> Value {
    json!({
        "fullUrl": format!("{base}/{}/{}", K::NAME, found.id),
        "resource": found.resource.into_exposed(),
        "search": { "mode": "match" },
    })
}

/// The address of a page: the search as it was understood.
fn address<K: Kind>(base: &str, search: &Search, place: Option<Place>) -> String {
    let cursor = place.map(|place| ("_cursor".to_owned(), place_words(place)));
    let words = search.words.iter().cloned().chain(cursor);
    let words: Vec<String> = words
        .map(|(name, value)| format!("{}={}", escaped(&name), escaped(&value)))
        .collect();
    let kind = K::NAME;
    if words.is_empty() {
        format!("{base}/{kind}")
    } else {
        format!("{base}/{kind}?{}", words.join("&"))
    }
}

/// Escapes what is not plain in a query (RFC 3986, section 2.3); a colon is plain there.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn an_address_has_no_letters_that_mean_something_else_there() {
        assert_eq!(
            escaped("2027-01-15T09:00+01:00&a=é|b"),
            "2027-01-15T09:00%2B01:00%26a%3D%C3%A9%7Cb"
        );
    }
}
