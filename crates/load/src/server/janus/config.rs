//! The configuration that Janus is run with: as Debian has it, with one address alone, no other plugins, and no log.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::Path;

/// Where it listens, and where it answers to, in its folder.
pub(super) const THEIRS: &str = "janus.sock";
pub(super) const OURS: &str = "load.sock";

/// Plugins and transports that are not used.
const PLUGINS: [&str; 9] = [
    "audiobridge",
    "duktape",
    "echotest",
    "lua",
    "nosip",
    "recordplay",
    "sip",
    "streaming",
    "textroom",
];
const CALLS: [&str; 2] = ["videocall", "voicemail"];
const TRANSPORTS: [&str; 5] = ["http", "mqtt", "nanomsg", "rabbitmq", "websockets"];

/// Writes it into a folder.
pub(super) fn write(folder: &Path, address: IpAddr) -> io::Result<()> {
    let plugins = libraries(PLUGINS.iter().chain(&CALLS));
    let transports = libraries(TRANSPORTS.iter());
    // A lite agent is controlled by us whoever offers, as our SFU is.
    let main = format!(
        "general: {{ debug_level = 1 session_timeout = 0 }}\n\
         nat: {{ ice_lite = true ice_enforce_list = \"{address}\" }}\n\
         media: {{ ipv6 = {} }}\n\
         plugins: {{ disable = \"{plugins}\" }}\n\
         transports: {{ disable = \"{transports}\" }}\n",
        address.is_ipv6(),
    );
    let socket = folder.join(THEIRS);
    let interface = format!(
        "general: {{ enabled = true json = \"compact\" path = \"{}\" type = \"SOCK_DGRAM\" }}\n",
        socket.display(),
    );
    fs::write(folder.join("janus.jcfg"), main)?;
    fs::write(folder.join("janus.transport.pfunix.jcfg"), interface)?;
    fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: { }\n")
}

fn libraries<'a>(names: impl Iterator<Item = &'a &'a str>) -> String {
    let libraries: Vec<String> = names.map(|name| format!("libjanus_{name}.so")).collect();
    libraries.join(",")
}
