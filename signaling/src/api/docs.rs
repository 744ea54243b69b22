//! The page for people, made of the same document: no script, nothing from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;

use super::document::DOCUMENT;
use super::refusal::of_the_rules;
use super::{Code, PREFIX, Scope};

const STYLE: &str = "\
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
code { font-family: ui-monospace, monospace; }
section { margin-block: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0; border-block-end: 1px solid color-mix(in srgb, currentcolor 20%, transparent); }
";

/// `GET /api/v1/docs.css`.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// `GET /api/v1/docs`.
pub(super) async fn page() -> Html<String> {
    Html(render(&DOCUMENT))
}

fn render(document: &OpenApi) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Vestibule API</title>\
         <link rel=\"stylesheet\" href=\"/api/v1/docs.css\"></head><body><main>\n<h1>Vestibule API</h1>\n",
    );
    let about = document.info.description.as_deref().unwrap_or_default();
    let _ = writeln!(
        page,
        "<p>{}</p>\n<p>Each body is described in <a href=\"{PREFIX}/openapi.json\">openapi.json</a>.</p>",
        text(about)
    );
    for tag in document.tags.iter().flatten() {
        let what = tag.description.as_deref().unwrap_or_default();
        let _ = writeln!(
            page,
            "<section><h2>{}</h2><p>{}</p>",
            text(&tag.name),
            text(what)
        );
        operations(&mut page, document, &tag.name);
        page.push_str("</section>\n");
    }
    scopes(&mut page);
    codes(&mut page);
    page.push_str("</main></body></html>\n");
    page
}

fn operations(page: &mut String, document: &OpenApi, tag: &str) {
    page.push_str("<table><thead><tr><th>Request</th><th>What it does</th><th>Scope</th></tr></thead><tbody>\n");
    for (path, item) in &document.paths.paths {
        for (method, operation) in [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put)] {
            let operation = operation.as_ref();
            if let Some(operation) = operation.filter(|it| is_of(it, tag)) {
                row(page, method, path, operation);
            }
        }
    }
    page.push_str("</tbody></table>\n");
}

fn is_of(operation: &Operation, tag: &str) -> bool {
    operation.tags.iter().flatten().any(|it| it == tag)
}

fn row(page: &mut String, method: &str, path: &str, operation: &Operation) {
    let summary = operation.summary.as_deref().unwrap_or_default();
    let more = operation.description.as_deref().unwrap_or_default();
    let _ = writeln!(
        page,
        "<tr><td><code>{method} {PREFIX}{}</code></td><td>{}. {}</td><td><code>{}</code></td></tr>",
        text(path),
        text(summary),
        text(more),
        text(&scope_of(operation))
    );
}

/// The scope that an operation asks for.
fn scope_of(operation: &Operation) -> String {
    let asked = operation.security.iter().flatten().next();
    let asked = asked.and_then(|it| serde_json::to_value(it).ok());
    let scope = asked.as_ref().and_then(|it| it.pointer("/api_key/0"));
    let scope = scope.and_then(serde_json::Value::as_str);
    scope.unwrap_or_default().to_owned()
}

fn scopes(page: &mut String) {
    page.push_str("<section><h2>Scopes</h2><p>A key has some of these.</p><ul>\n");
    for scope in Scope::ALL {
        let _ = writeln!(page, "<li><code>{}</code></li>", scope.word());
    }
    page.push_str("</ul></section>\n");
}

fn codes(page: &mut String) {
    page.push_str(
        "<section><h2>Errors</h2><p>The API's own codes, and those of the clinic's rules behind them, also for what is wrong \
         with a part of a service or of a practitioner: its gates, its form, its hours, their shifts. Where a code is for \
         several things that are alike, the sentence that comes with it names the one.</p>\
         <table><thead><tr><th>Code</th><th>Status</th><th>What to do</th></tr></thead><tbody>\n",
    );
    for code in Code::ALL {
        let what = format!("{}. {}", code.title(), code.advice());
        meaning(page, code.word(), code.status(), &what);
    }
    for (code, (status, meanings)) in meanings() {
        meaning(page, &code, status, &meanings.join(" Or: "));
    }
    page.push_str("</tbody></table></section>\n");
}

/// What each code of the rules is for, in the order of the codes.
fn meanings() -> BTreeMap<String, (StatusCode, Vec<String>)> {
    let mut meanings = BTreeMap::new();
    for problem in of_the_rules() {
        let status = problem.status();
        let known = meanings.entry(problem.code().to_owned());
        let (_, sentences) = known.or_insert((status, Vec::new()));
        sentences.push(problem.detail().to_owned());
    }
    meanings
}

fn meaning(page: &mut String, code: &str, status: StatusCode, what: &str) {
    let (status, what) = (status.as_u16(), text(what));
    let _ = writeln!(
        page,
        "<tr id=\"{code}\"><td><code>{code}</code></td><td>{status}</td><td>{what}</td></tr>"
    );
}

/// Text as HTML has it.
fn text(plain: &str) -> String {
    plain
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
