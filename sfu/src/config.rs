//! What the operator can set, and its form on a command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What the operator can set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SfuConfig {
    /// The address that the workers' sockets are bound to. Unspecified (`0.0.0.0`, `::`) means all.
    pub bind: IpAddr,
    /// The first worker's UDP port; each further worker has the next one. 0 takes free ports.
    pub first_port: u16,
    /// How many workers, one thread and one UDP port each: from 1 to [`SfuConfig::MAX_WORKERS`].
    pub workers: usize,
    /// The addresses that clients are told, as behind NAT. Empty: the bound address, or the
    /// machine's own when all are bound.
    pub advertised: Vec<IpAddr>,
    /// The port that clients are told for the first worker, where NAT maps ports; each further
    /// worker has the next one. `None`: the bound port.
    pub advertised_first_port: Option<u16>,
    /// Tell clients 127.0.0.1 as well, when all addresses are bound. For browsers on this machine.
    pub loopback: bool,
    /// Where the metrics are read; `None`: nowhere. They are for who runs the machine: a loopback address, or one
    /// that the outside does not reach.
    pub metrics: Option<SocketAddr>,
}

impl Default for SfuConfig {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            first_port: 0,
            workers: default_workers(),
            advertised: Vec::new(),
            advertised_first_port: None,
            loopback: false,
            metrics: None,
        }
    }
}

/// One worker for each core, and two by default at most: one core carries some hundreds of consultations.
fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(2))
}

/// Why a command line is not a configuration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not one of the options.
    #[error("{0} is not an option of the SFU")]
    UnknownOption(String),
    /// An option without its value.
    #[error("{0} needs a value")]
    MissingValue(String),
    /// A value that the option does not take.
    #[error("{option} does not take {value}")]
    InvalidValue {
        /// The option.
        option: String,
        /// What was given.
        value: String,
    },
}

impl SfuConfig {
    /// The most workers that can be asked for: more than any machine that one SFU process is meant for.
    pub const MAX_WORKERS: usize = 64;

    /// The configuration as arguments, for [`Self::from_args`] on the other side of a process start.
    #[must_use]
    pub fn to_args(&self) -> Vec<String> {
        let mut args = vec![
            format!("--bind={}", self.bind),
            format!("--first-port={}", self.first_port),
            format!("--workers={}", self.workers),
        ];
        args.extend(
            self.advertised
                .iter()
                .map(|address| format!("--advertise={address}")),
        );
        args.extend(
            self.advertised_first_port
                .map(|port| format!("--advertise-first-port={port}")),
        );
        args.extend(self.loopback.then(|| "--loopback".to_owned()));
        args.extend(self.metrics.map(|address| format!("--metrics={address}")));
        args
    }

    /// Reads what [`Self::to_args`] wrote.
    ///
    /// # Errors
    /// The first argument that is not understood.
    pub fn from_args(args: impl IntoIterator<Item = String>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for arg in args {
            config.take(&arg)?;
        }
        Ok(config)
    }

    fn take(&mut self, arg: &str) -> Result<(), ConfigError> {
        let (option, value) = match arg.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (arg, None),
        };
        match option {
            "--bind" => self.bind = parse(option, value)?,
            "--first-port" => self.first_port = parse(option, value)?,
            "--workers" => self.workers = workers(option, value)?,
            "--advertise" => self.advertised.push(parse(option, value)?),
            "--advertise-first-port" => self.advertised_first_port = Some(parse(option, value)?),
            "--loopback" => self.loopback = true,
            "--metrics" => self.metrics = Some(parse(option, value)?),
            unknown => return Err(ConfigError::UnknownOption(unknown.to_owned())),
        }
        Ok(())
    }
}

fn parse<T: std::str::FromStr>(option: &str, value: Option<&str>) -> Result<T, ConfigError> {
    let value = value.ok_or_else(|| ConfigError::MissingValue(option.to_owned()))?;
    value.parse().map_err(|_| ConfigError::InvalidValue {
        option: option.to_owned(),
        value: value.to_owned(),
    })
}

fn workers(option: &str, value: Option<&str>) -> Result<usize, ConfigError> {
    let count = parse(option, value)?;
    if (1..=SfuConfig::MAX_WORKERS).contains(&count) {
        return Ok(count);
    }
    Err(ConfigError::InvalidValue {
        option: option.to_owned(),
        value: count.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::{ConfigError, SfuConfig};

    #[test]
    fn arguments_round_trip() -> Result<(), ConfigError> {
        let config = SfuConfig {
            bind: [10, 0, 0, 7].into(),
            first_port: 40_000,
            workers: 3,
            advertised: vec![[192, 0, 2, 1].into(), "2001:db8::1".parse().unwrap()],
            advertised_first_port: Some(50_000),
            loopback: true,
            metrics: Some("127.0.0.1:9465".parse().unwrap()),
        };
        assert_eq!(SfuConfig::from_args(config.to_args())?, config);
        let plain = SfuConfig::default();
        assert_eq!(SfuConfig::from_args(plain.to_args())?, plain);
        Ok(())
    }

    #[test]
    fn wrong_arguments_are_named() {
        for arg in [
            "--record",
            "--bind",
            "--bind=here",
            "--workers=0",
            "--workers=65",
        ] {
            let error = SfuConfig::from_args([arg.to_owned()]).unwrap_err();
            assert!(
                error.to_string().contains(arg.split('=').next().unwrap()),
                "{error}"
            );
        }
    }
}
