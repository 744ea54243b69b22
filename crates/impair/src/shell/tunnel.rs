//! The two ends of a line: TUN devices, whose packets come to this program.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;
use std::time::Instant;

use anyhow::Context as _;
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::claim::Number;
use super::ip::{ip, ip_in};
use crate::limits::{DEVICE_LOOK, DEVICE_PATIENCE, KERNEL_QUEUE};

/// What a browser takes for a cable; a `tun` it would take for a VPN.
const NEAR_NAME: &str = "eth0";
const MTU: u16 = 1_500;

/// One end of a line.
pub(crate) struct Tunnel {
    device: SyncDevice,
    place: Place,
}

/// Where an end is.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    device: String,
    /// `None` is the one that this program runs in.
    namespace: Option<String>,
}

impl Tunnel {
    /// The end inside the namespace, with the route to everywhere.
    pub(crate) fn near(number: Number, namespace: &str) -> anyhow::Result<Self> {
        let made = number.near_device();
        let device = make(&made)?;
        ip(&["link", "set", &made, "netns", namespace, "name", NEAR_NAME])?;
        let place = Place {
            device: NEAR_NAME.to_owned(),
            namespace: Some(namespace.to_owned()),
        };
        place.configure(number.near_address())?;
        place.ip(&["route", "add", "default", "dev", NEAR_NAME])?;
        Ok(Self { device, place })
    }

    /// The end at the others.
    pub(crate) fn far(number: Number, namespace: Option<&str>) -> anyhow::Result<Self> {
        let name = number.far_device();
        let device = make(&name)?;
        if let Some(namespace) = namespace {
            ip(&["link", "set", &name, "netns", namespace])?;
        }
        let place = Place {
            device: name,
            namespace: namespace.map(str::to_owned),
        };
        place.configure(number.far_address())?;
        Ok(Self { device, place })
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// The next packet that was sent into this end; `None` when there is none at present.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match self.device.recv(buffer) {
            Ok(length) => Ok(Some(length)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets a packet come out of this end. The kernel refuses it when it is no IP packet or the device is down.
    pub(crate) fn send(&self, packet: &[u8]) -> io::Result<()> {
        self.device.send(packet).map(|_| ())
    }
}

impl Place {
    fn configure(&self, address: Ipv4Addr) -> anyhow::Result<()> {
        let name = &self.device;
        // Without addresses of its own making it sends nothing by itself, which would take part in the fates.
        self.ip(&["link", "set", name, "addrgenmode", "none"])?;
        // Through `ip`: the system call that the library has for it is not for user namespaces.
        let queue = KERNEL_QUEUE.to_string();
        self.ip(&["link", "set", name, "txqueuelen", &queue])?;
        self.ip(&["address", "add", &format!("{address}/30"), "dev", name])?;
        self.ip(&["link", "set", name, "up"])?;
        Ok(())
    }

    fn ip(&self, words: &[&str]) -> anyhow::Result<String> {
        ip_in(self.namespace.as_deref(), words)
    }

    /// Packets that the kernel dropped because the relay did not fetch them in time.
    pub(crate) fn kernel_drops(&self) -> anyhow::Result<u64> {
        let text = self.ip(&["-json", "-stats", "link", "show", "dev", &self.device])?;
        let links: serde_json::Value = serde_json::from_str(&text)?;
        let dropped = links.pointer("/0/stats64/tx/dropped");
        dropped
            .and_then(serde_json::Value::as_u64)
            .context("`ip` tells no count of dropped packets")
    }
}

impl AsFd for Tunnel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

fn make(name: &str) -> anyhow::Result<SyncDevice> {
    let deadline = Instant::now() + DEVICE_PATIENCE;
    let device = loop {
        match try_make(name) {
            // A line that had this number a moment ago may still be closing its devices.
            Err(error) if error.kind() == ErrorKind::ResourceBusy && Instant::now() < deadline => {
                thread::sleep(DEVICE_LOOK);
            }
            made => break made.map_err(|error| explain(&error))?,
        }
    };
    device
        .set_nonblocking(true)
        .context("the device cannot be read without waiting")?;
    Ok(device)
}

fn try_make(name: &str) -> io::Result<SyncDevice> {
    DeviceBuilder::new()
        .name(name)
        .layer(Layer::L3)
        .mtu(MTU)
        .enable(false)
        .build_sync()
}

fn explain(error: &io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::NotFound {
        return anyhow::anyhow!(
            "/dev/net/tun is missing: load the kernel module with `modprobe tun`; in a container, give it the \
             device, for example with --device /dev/net/tun"
        );
    }
    if error.kind() == ErrorKind::PermissionDenied {
        return anyhow::anyhow!(
            "a TUN device may not be made: run it as root (sudo); in a container, add the capability NET_ADMIN; in a \
             user namespace, let everybody read and write /dev/net/tun"
        );
    }
    anyhow::anyhow!(
        "a TUN device cannot be made through /dev/net/tun ({error}): see whether `modprobe tun` helps"
    )
}
