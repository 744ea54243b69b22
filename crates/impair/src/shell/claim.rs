//! Which line is whose: a number for each line that runs on this machine.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::limits::LINES;

const FOLDER: &str = "/run/vestibule-impair";
const PREFIX: &str = "impair-";

/// The number of a line. Namespace, devices and addresses follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(u8);

/// A number that nobody else has as long as this lives: the kernel gives the lock back also when the program
/// is killed.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) number: Number,
    _lock: File,
}

impl Number {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..LINES).map(Self)
    }

    pub(crate) fn namespace(self) -> String {
        format!("{PREFIX}{}", self.0)
    }

    /// The device at the far end.
    pub(crate) fn far_device(self) -> String {
        format!("impair{}", self.0)
    }

    /// The device of the namespace before it is moved there.
    pub(crate) fn near_device(self) -> String {
        format!("impair{}n", self.0)
    }

    pub(crate) fn far_address(self) -> Ipv4Addr {
        self.address(1)
    }

    pub(crate) fn near_address(self) -> Ipv4Addr {
        self.address(2)
    }

    /// Four addresses for each line (RFC 1918).
    fn address(self, host: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, self.0 / 64, self.0 % 64 * 4 + host)
    }

    pub(crate) fn socket(self) -> PathBuf {
        socket_of(&self.namespace())
    }
}

/// Where the line with this namespace takes orders.
pub(crate) fn socket_of(namespace: &str) -> PathBuf {
    PathBuf::from(format!("{FOLDER}/{namespace}.sock"))
}

impl Claim {
    /// Claims a number, or gives `None` when its line runs.
    pub(crate) fn of(number: Number) -> anyhow::Result<Option<Self>> {
        let path = format!("{FOLDER}/{}.lock", number.namespace());
        let lock = fs::create_dir_all(FOLDER)
            .and_then(|()| File::create(&path))
            .map_err(|error| explain(error, &path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self {
                number,
                _lock: lock,
            })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).context(format!("{path} cannot be locked")),
        }
    }

    /// Claims the first number that is free.
    pub(crate) fn first() -> anyhow::Result<Self> {
        for number in Number::all() {
            if let Some(claim) = Self::of(number)? {
                return Ok(claim);
            }
        }
        bail!("{LINES} lines run already: stop one of them first")
    }
}

fn explain(error: io::Error, path: &str) -> anyhow::Error {
    if error.kind() == ErrorKind::PermissionDenied {
        return anyhow::anyhow!(
            "{FOLDER} cannot be written to: network namespaces need root, run it with sudo"
        );
    }
    anyhow::Error::new(error).context(format!("{path} cannot be made"))
}
