//! What the server says on standard output: links for people, or lines of JSON for programs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde::Serialize;
use vestibule_signaling::limits::PRACTITIONER_TOKEN;
use vestibule_signaling::{Addresses, PractitionerLink, Server};
use vestibule_vocab::Millis;

use crate::arguments::Serve;

const HOUR: Millis = Millis::from_secs(60 * 60);

/// Says what is served, in the way that was asked for.
pub(crate) struct Announcer {
    json: bool,
    url: String,
    /// Addresses that a phone in the same network can open.
    network: Vec<String>,
    /// People see another address than what is served.
    named: bool,
    /// Nothing but this machine is served.
    alone: bool,
    /// The certificate is of this machine's making.
    self_signed: bool,
    /// The ports that another program has, so that others took their place.
    taken: Vec<u16>,
    practitioners: Vec<PractitionerLink>,
    patient: String,
    data: String,
}

/// One line of the output for programs.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event<'a> {
    Ready {
        url: &'a str,
        /// The first practitioner's.
        practitioner_link: Option<String>,
        practitioner_links: Vec<String>,
        patient_link: String,
        signaling_pid: u32,
        sfu_pid: Option<u32>,
    },
    SfuStarted {
        sfu_pid: u32,
    },
}

impl Announcer {
    pub(crate) fn new(arguments: &Serve, server: &Server) -> Self {
        let addresses = server.addresses();
        let links = server.links();
        Self {
            json: arguments.json_links,
            url: addresses.url(arguments.public_url.as_deref()),
            network: addresses.network_urls(),
            named: arguments.public_url.is_some(),
            alone: addresses.https.is_none(),
            self_signed: arguments.tls_cert.is_none(),
            taken: taken(arguments, addresses),
            practitioners: links.practitioners.clone(),
            patient: links.patient.expose().clone(),
            data: arguments.data.display().to_string(),
        }
    }

    /// Everything is up.
    pub(crate) fn ready(&self, sfu_pid: Option<u32>) {
        if !self.json {
            say(&self.welcome(sfu_pid));
            return;
        }
        let links = self.practitioners.iter();
        let links: Vec<String> = links
            .map(|it| format!("{}{}", self.url, it.link.expose()))
            .collect();
        say_json(&Event::Ready {
            url: &self.url,
            practitioner_link: links.first().cloned(),
            practitioner_links: links,
            patient_link: format!("{}{}", self.url, self.patient),
            signaling_pid: std::process::id(),
            sfu_pid,
        });
    }

    /// Leaves the patient's link where a program looks for it. Whole or not at all: it may be looking now.
    pub(crate) fn leave_patient_link(&self, file: &Path) -> std::io::Result<()> {
        let mut part = file.as_os_str().to_owned();
        part.push(".part");
        std::fs::write(&part, format!("{}{}\n", self.url, self.patient))?;
        std::fs::rename(&part, file)
    }

    /// An SFU took the place of another.
    pub(crate) fn sfu_started(&self, sfu_pid: u32) {
        if self.json {
            say_json(&Event::SfuStarted { sfu_pid });
        }
    }

    pub(crate) fn stopping(&self) {
        if !self.json {
            say("\nStopping.\n");
        }
    }

    fn welcome(&self, sfu_pid: Option<u32>) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write_welcome(&mut text, sfu_pid);
        text
    }

    fn write_welcome(&self, text: &mut String, sfu_pid: Option<u32>) -> std::fmt::Result {
        writeln!(text, "\nVestibule is ready.\n")?;
        writeln!(text, "  Serving       {}", self.url)?;
        for url in self.network.iter().filter(|url| **url != self.url) {
            writeln!(text, "                {url}")?;
        }
        for port in &self.taken {
            writeln!(
                text,
                "                (another program has port {port}, so a free one is used)"
            )?;
        }
        writeln!(text, "  Data          {}", self.data)?;
        if sfu_pid.is_none() {
            writeln!(text, "  Media         not up yet; see the messages above")?;
        }
        writeln!(text)?;
        for PractitionerLink { name, link } in &self.practitioners {
            writeln!(text, "  Practitioner  {}{}", self.url, link.expose())?;
            if self.practitioners.len() > 1 {
                writeln!(text, "                of {name}")?;
            }
        }
        writeln!(
            text,
            "                good for one browser, within {} hours; each start prints a new one",
            PRACTITIONER_TOKEN.0 / HOUR.0
        )?;
        writeln!(text, "\n  Patient       {}{}", self.url, self.patient)?;
        writeln!(text, "                good for any number of patients\n")?;
        self.write_phone(text)?;
        writeln!(text, "  Ctrl-C stops the server.")
    }

    fn write_phone(&self, text: &mut String) -> std::fmt::Result {
        // Behind a name or a proxy, the link leads somewhere from a phone too.
        if self.named {
            return self.write_code(text, &self.url);
        }
        let Some(network) = self.network.first() else {
            return self.write_why_no_phone(text);
        };
        writeln!(text, "  On a phone    {network}{}", self.patient)?;
        let (certificate, remedy) = if self.self_signed {
            (
                "its browser warns of the certificate, which this machine",
                "signed itself: go on to the page all the same",
            )
        } else {
            (
                "its browser warns unless the certificate is for this address;",
                "with --public-url https://NAME, links have the name that it is for",
            )
        };
        writeln!(text, "                {certificate}")?;
        writeln!(text, "                {remedy}\n")?;
        self.write_code(text, network)
    }

    fn write_why_no_phone(&self, text: &mut String) -> std::fmt::Result {
        let (why, remedy) = if self.alone {
            (
                "  Another device cannot open these links: a camera needs https and this",
                "  machine's address. To serve them as well, start with --phone.",
            )
        } else {
            (
                "  Another device cannot open these links: this machine has no address in",
                "  a network. Connect it to one and start again.",
            )
        };
        writeln!(text, "{why}\n{remedy}\n")
    }

    /// The patient's link to be scanned.
    fn write_code(&self, text: &mut String, url: &str) -> std::fmt::Result {
        let Ok(code) = QrCode::new(format!("{url}{}", self.patient)) else {
            return Ok(());
        };
        // Light modules are drawn, so that the code reads on a dark terminal; a scanner takes both.
        let picture = code
            .render::<Dense1x2>()
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .build();
        for line in picture.lines() {
            writeln!(text, "    {line}")?;
        }
        writeln!(text)
    }
}

/// The ports that were asked for, where others are served.
fn taken(arguments: &Serve, served: &Addresses) -> Vec<u16> {
    let http = (!arguments.no_http).then_some(arguments.listen);
    let pairs = [(http, served.http), (arguments.https(), served.https)];
    let moved = pairs.into_iter().filter_map(|(wanted, served)| {
        let (wanted, served) = (wanted?.port(), served?.port());
        (wanted != 0 && wanted != served).then_some(wanted)
    });
    moved.collect()
}

fn say_json(event: &Event<'_>) {
    if let Ok(mut line) = serde_json::to_string(event) {
        line.push('\n');
        say(&line);
    }
}

/// Nobody may be reading any more; the server goes on all the same.
fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}
