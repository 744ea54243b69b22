//! The web pages, embedded when this crate was compiled.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;

use axum::body::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use vestibule_signaling::{Page, Pages};

#[derive(RustEmbed)]
#[folder = "../../web/app/dist"]
struct Build;

/// The pages of this build, compressed once.
pub(crate) struct EmbeddedPages(HashMap<Cow<'static, str>, Page>);

impl EmbeddedPages {
    pub(crate) fn new() -> Self {
        let pages = Build::iter().filter_map(|path| {
            let page = page(&path)?;
            Some((path, page))
        });
        Self(pages.collect())
    }
}

impl Pages for EmbeddedPages {
    fn page(&self, path: &str) -> Option<Page> {
        self.0.get(path).cloned()
    }
}

fn page(path: &str) -> Option<Page> {
    let body = match Build::get(path)?.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some(Page {
        gzip: compress(&body),
        body,
        media_type: media_type(path),
        // Vite puts what it names by its content into this folder.
        immutable: path.starts_with("assets/"),
    })
}

/// The content compressed, unless it is compressed already, as fonts and pictures are.
fn compress(body: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    let compressed = encoder.finish().ok()?;
    let worth_it = compressed.len() < body.len() / 10 * 9;
    worth_it.then(|| compressed.into())
}

/// The kinds of files that a web build consists of.
fn media_type(path: &str) -> &'static str {
    const TYPES: &[(&str, &str)] = &[
        (".css", "text/css; charset=utf-8"),
        (".html", "text/html; charset=utf-8"),
        (".ico", "image/x-icon"),
        (".jpg", "image/jpeg"),
        (".js", "text/javascript; charset=utf-8"),
        (".json", "application/json"),
        (".map", "application/json"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain; charset=utf-8"),
        (".wasm", "application/wasm"),
        (".webmanifest", "application/manifest+json"),
        (".webp", "image/webp"),
        (".woff2", "font/woff2"),
    ];
    let known = TYPES.iter().find(|(ending, _)| path.ends_with(ending));
    known.map_or("application/octet-stream", |(_, media_type)| *media_type)
}

#[cfg(test)]
mod tests {
    use vestibule_signaling::Pages as _;

    use super::{Build, EmbeddedPages, media_type};

    #[test]
    fn every_embedded_file_has_a_known_type() {
        for path in Build::iter() {
            assert_ne!(media_type(&path), "application/octet-stream", "{path}");
        }
    }

    #[test]
    fn only_what_is_named_by_its_content_is_immutable() {
        let pages = EmbeddedPages::new();
        assert!(!pages.page("index.html").unwrap().immutable);
        let asset = Build::iter().find(|path| path.starts_with("assets/"));
        assert!(pages.page(&asset.unwrap()).unwrap().immutable);
        assert!(pages.page("../Cargo.toml").is_none());
    }

    #[test]
    fn scripts_are_compressed_and_fonts_are_not_again() {
        let pages = EmbeddedPages::new();
        for path in Build::iter() {
            let page = pages.page(&path).unwrap();
            if path.ends_with(".woff2") {
                assert!(page.gzip.is_none(), "{path}");
            } else if path.ends_with(".js") && page.body.len() > 4096 {
                assert!(page.gzip.unwrap().len() < page.body.len() / 2, "{path}");
            }
        }
    }
}
