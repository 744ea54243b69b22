//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use crate::cores::Cores;
use crate::limits;
use crate::run::Plan;
use crate::server::{ProductSettings, SfuSettings, Target};
use crate::traffic::Traffic;

/// Puts a selective forwarding unit, or the whole product around it, under load: rooms of people with real ICE and
/// DTLS-SRTP, all on one core.
#[derive(Clone, Debug, Parser)]
#[command(name = "vestibule-load", version, about)]
pub(crate) struct Arguments {
    /// How many rooms there are, from 1 to 1000; with --find-max, how many are tried first.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=limits::ROOMS as i64))]
    pub(crate) rooms: u32,

    /// People in each room, from 2 to 5. Each receives from all others.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..=limits::PEOPLE as i64))]
    pub(crate) people: u32,

    /// The length of the measured part, in seconds, from 1 to 3600.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=limits::SECONDS))]
    pub(crate) seconds: u64,

    /// Rooms that join in a second, from 1 to 1000.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=limits::RAMP as i64))]
    ramp: u32,

    /// Packets of pictures that each person sends in a second, from 0 to 2000.
    #[arg(long, default_value_t = 150, value_parser = clap::value_parser!(u32).range(0..=limits::RATE as i64))]
    video_rate: u32,

    /// Octets of RTP payload in each packet of pictures, from 32 to 1350. Headers and SRTP's tag come on top.
    #[arg(long, default_value_t = 1100)]
    video_bytes: usize,

    /// Packets of pictures that leave together, from 1 to 64.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=limits::BURST as i64))]
    burst: u32,

    /// Packets of sound that each person sends in a second, from 0 to 2000.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=limits::RATE as i64))]
    audio_rate: u32,

    /// Octets of RTP payload in each packet of sound, from 16 to 1350.
    #[arg(long, default_value_t = 100)]
    audio_bytes: usize,

    /// Have bursts leave as one buffer, for the kernel to part. It spares the load tool's core much, and a server
    /// that takes such rows as one (UDP_GRO) as well: more than one far from its clients would be spared.
    #[arg(long)]
    gso: bool,

    /// Send no reports and no transport-wide feedback.
    #[arg(long)]
    no_feedback: bool,

    /// Neither ask for lost packets again nor send them again.
    #[arg(long)]
    no_nack: bool,

    /// Threads of the SFU that forward, from 1 to 64. All share one core unless --cpu names more for the server.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,

    /// The cores of both sides, as SERVER:LOAD, such as 0:1 or 0,2:1; or `none`. By default the first two of those that this program may use.
    #[arg(long, value_name = "CORES")]
    cpu: Option<Cores>,

    /// The address of the server and of all clients. Only loopback unless this says otherwise.
    #[arg(long, default_value = "127.0.0.1")]
    address: IpAddr,

    /// The program that is run as the SFU, with `sfu` as its first argument, such as a `vestibule` that was built
    /// for release. By default the SFU that this tool was built with.
    #[arg(long, value_name = "PROGRAM")]
    sfu: Option<PathBuf>,

    /// Put the whole product under load: people come over WebSockets, wait, and are admitted; a room is a
    /// consultation.
    #[arg(long, conflicts_with_all = ["sfu", "compare"])]
    product: bool,

    /// The program that is run with `serve` as its first argument. By default the `vestibule` beside this one.
    #[arg(long, value_name = "PROGRAM", requires = "product")]
    vestibule: Option<PathBuf>,

    /// Admit people before they are connected. By default they connect while they wait.
    #[arg(long, requires = "product")]
    cold: bool,

    /// Find the most rooms that go well: all packets delivered but for --loss-allowed, and the 99th percentile of latency
    /// below --p99.
    #[arg(long)]
    pub(crate) find_max: bool,

    /// With --find-max: from send to receive 99 of 100 packets take less than so many milliseconds, from 0 to 10000.
    #[arg(long, default_value_t = 5.0, value_name = "MILLISECONDS", value_parser = latency)]
    pub(crate) p99: f64,

    /// With --find-max: so much of all packets may be lost, in percent, from 0 to 100.
    #[arg(long, default_value_t = 0.0, value_name = "PERCENT", value_parser = percent)]
    pub(crate) loss_allowed: f64,

    /// Another server to run by turns with the SFU, under the same load. It needs --address, as Janus takes no loopback address.
    #[arg(long, value_name = "SERVER", conflicts_with = "find_max")]
    pub(crate) compare: Option<Other>,

    /// With --compare: how often each server is run.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=limits::ROUNDS as i64))]
    pub(crate) rounds: u32,

    /// Print what was measured as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Other {
    /// Debian's Janus with its videoroom plugin.
    Janus,
}

impl Arguments {
    /// What a run is made of.
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        let sizes = [
            ("--video-bytes", self.video_bytes, limits::VIDEO_BYTES_LEAST),
            ("--audio-bytes", self.audio_bytes, limits::AUDIO_BYTES_LEAST),
        ];
        for (name, size, least) in sizes {
            anyhow::ensure!(
                (least..=limits::PAYLOAD_BYTES).contains(&size),
                "{name} is from {least} to {}",
                limits::PAYLOAD_BYTES
            );
        }
        anyhow::ensure!(
            self.video_rate + self.audio_rate > 0,
            "nobody sends anything: --video-rate and --audio-rate are both 0"
        );
        anyhow::ensure!(
            !self.product || self.people == 2,
            "a consultation of the product has two people, a practitioner and a patient: --people 2"
        );
        Ok(Plan {
            rooms: self.rooms,
            people: self.people,
            length: Duration::from_secs(self.seconds),
            ramp: self.ramp,
            traffic: self.traffic(),
            cores: self.cpu.clone().unwrap_or_else(Cores::usual),
            address: self.address,
        })
    }

    /// What is put under load.
    pub(crate) fn target(&self) -> anyhow::Result<Target> {
        if self.product {
            return Ok(Target::Product(self.product()?));
        }
        Ok(Target::Sfu(self.sfu()?))
    }

    /// How the SFU is started.
    pub(crate) fn sfu(&self) -> anyhow::Result<SfuSettings> {
        let program = match &self.sfu {
            Some(program) => program.clone(),
            None => this_program()?,
        };
        anyhow::ensure!(
            program.is_file(),
            "{} is not there: build it, or name another by --sfu",
            program.display()
        );
        Ok(SfuSettings {
            program,
            workers: self.workers as usize,
            address: self.address,
        })
    }

    fn product(&self) -> anyhow::Result<ProductSettings> {
        let program = match &self.vestibule {
            Some(program) => program.clone(),
            None => this_program()?.with_file_name("vestibule"),
        };
        anyhow::ensure!(
            program.is_file(),
            "{} is not there: build it, or name another by --vestibule",
            program.display()
        );
        Ok(ProductSettings {
            program,
            workers: self.workers as usize,
            address: self.address,
            cold: self.cold,
        })
    }

    fn traffic(&self) -> Traffic {
        Traffic {
            video_rate: self.video_rate,
            burst: self.burst,
            video_bytes: self.video_bytes,
            audio_rate: self.audio_rate,
            audio_bytes: self.audio_bytes,
            segmented: self.gso,
            feedback: !self.no_feedback,
            nack: !self.no_nack,
        }
    }
}

fn this_program() -> anyhow::Result<PathBuf> {
    std::env::current_exe().context("this program cannot find itself")
}

fn latency(text: &str) -> Result<f64, String> {
    within(text, limits::P99_MS)
}

fn percent(text: &str) -> Result<f64, String> {
    within(text, limits::PERCENT)
}

/// A number from nothing to the most.
fn within(text: &str, most: f64) -> Result<f64, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (0.0..=most).contains(number));
    number.ok_or_else(|| format!("it is a number from 0 to {most}"))
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Arguments;
    use crate::limits::{AUDIO_BYTES_LEAST, P99_MS, PAYLOAD_BYTES, PERCENT, VIDEO_BYTES_LEAST};

    fn parse(words: &str) -> Result<Arguments, String> {
        let words = ["vestibule-load"].into_iter().chain(words.split(' '));
        Arguments::try_parse_from(words).map_err(|error| error.to_string())
    }

    #[test]
    fn what_goes_well_is_a_number_within_its_range() {
        let given = parse("--find-max --p99 2.5 --loss-allowed 0.1").unwrap();
        assert_eq!((given.p99, given.loss_allowed), (2.5, 0.1));
        for value in ["nan", "-1", "inf", "many", "10001"] {
            let error = parse(&format!("--p99={value}")).unwrap_err();
            assert!(error.contains("from 0 to 10000"), "{error}");
        }
        for value in ["nan", "-1", "200"] {
            let error = parse(&format!("--loss-allowed={value}")).unwrap_err();
            assert!(error.contains("from 0 to 100"), "{error}");
        }
    }

    #[test]
    fn the_help_says_what_can_be_given_and_what_for() {
        let told = |name: &str| {
            let command = Arguments::command();
            let mut arguments = command.get_arguments();
            let found = arguments.find(|argument| argument.get_long() == Some(name));
            found.unwrap().get_help().unwrap().to_string()
        };
        let range = |least: usize| format!("from {least} to {PAYLOAD_BYTES}");
        let expected = [
            ("video-bytes", range(VIDEO_BYTES_LEAST)),
            ("video-bytes", "RTP payload".to_owned()),
            ("audio-bytes", range(AUDIO_BYTES_LEAST)),
            ("p99", format!("from 0 to {P99_MS}")),
            ("p99", "With --find-max".to_owned()),
            ("loss-allowed", format!("from 0 to {PERCENT}")),
            ("loss-allowed", "With --find-max".to_owned()),
            ("rounds", "With --compare".to_owned()),
            ("compare", "--address".to_owned()),
            ("workers", "one core unless --cpu".to_owned()),
        ];
        for (name, words) in expected {
            let help = told(name);
            assert!(help.contains(&words), "--{name}: {help}");
        }
    }
}
