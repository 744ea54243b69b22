//! The elements of a drawing.

use std::fmt::Write as _;

/// Colours of both schemes; the series' are told apart by people who see no red or no green.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}\
.title{font-weight:600}\
.quiet{fill:#57606a}\
.grid{stroke:#d0d7de}\
.s0{--c:#0b62c4}.s1{--c:#c2570c}.s2{--c:#6f42c1}.s3{--c:#13795b}\
.fill{fill:var(--c)}\
.line{stroke:var(--c);fill:none;stroke-width:2}\
.hollow{stroke:var(--c);fill:#fff;stroke-width:2}\
.mark{stroke:#24292f;stroke-width:2}\
@media(prefers-color-scheme:dark){\
text{fill:#e6edf3}\
.quiet{fill:#9da7b1}\
.grid{stroke:#3d444d}\
.s0{--c:#58a6ff}.s1{--c:#f0883e}.s2{--c:#bc8cff}.s3{--c:#3fb98f}\
.hollow{fill:#0d1117}\
.mark{stroke:#e6edf3}\
}";

/// Which end of a text stands at its place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing. Lengths are in pixels, from its upper left corner.
pub(super) struct Canvas {
    width: f64,
    height: f64,
    title: String,
    body: String,
}

impl Canvas {
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut canvas = Self {
            width,
            height,
            title: escape(title),
            body: String::new(),
        };
        canvas.text((12.0, 22.0), Anchor::Start, "title", title);
        canvas
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.element(&format!(
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" class="{class}">{text}</text>"#
        ));
    }

    /// A text that is read from below.
    pub(super) fn upright(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escape(text);
        self.element(&format!(
            r#"<text transform="translate({x:.1} {y:.1}) rotate(-90)" text-anchor="middle">{text}</text>"#
        ));
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.element(&format!(
            r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
        ));
    }

    pub(super) fn bar(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
        self.element(&format!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64)) {
        self.element(&format!(
            r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="4"/>"#
        ));
    }

    pub(super) fn path(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let points = points.map(|(x, y)| format!("{x:.1},{y:.1}"));
        let points = points.collect::<Vec<_>>().join(" ");
        self.element(&format!(r#"<polyline class="{class}" points="{points}"/>"#));
    }

    pub(super) fn finish(self) -> String {
        let Self {
            width,
            height,
            title,
            body,
        } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<style>{STYLE}</style>\n{body}</svg>\n"
        )
    }

    fn element(&mut self, element: &str) {
        let _ = writeln!(self.body, "{element}");
    }
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Canvas};

    #[test]
    fn a_text_cannot_break_the_drawing() {
        let mut canvas = Canvas::new(100.0, 50.0, "a & b");
        canvas.text((1.0, 2.0), Anchor::End, "quiet", "<1 \"x\">");
        let svg = canvas.finish();
        assert!(svg.contains("a &amp; b") && svg.contains(">&lt;1 &quot;x&quot;&gt;</text>"));
    }
}
