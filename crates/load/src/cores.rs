//! Which cores the server and the load tool run on.

use std::fs;
use std::io;
use std::str::FromStr;

use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

/// The cores of both sides, or that the kernel is to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cores(Option<Chosen>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Chosen {
    server: Vec<usize>,
    load: usize,
}

/// A text does not say which cores are meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cores are given as SERVER:LOAD, such as 0:1 or 0,2:1, or none")]
pub(crate) struct BadCores;

impl Cores {
    /// The server on the first core of those that this program may use and the load on the second, where there are two.
    pub(crate) fn usual() -> Self {
        sched_getaffinity(None).map_or_else(|_| Self(None), |allowed| Self::first_of(&allowed))
    }

    fn first_of(allowed: &CpuSet) -> Self {
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let chosen = cores.next().zip(cores.next());
        Self(chosen.map(|(server, load)| Chosen {
            server: vec![server],
            load,
        }))
    }

    /// The cores that both sides run on, each once; nothing when the kernel chooses.
    pub(crate) fn all(&self) -> Vec<usize> {
        let chosen = self.0.iter();
        let mut cores: Vec<usize> = chosen
            .flat_map(|chosen| chosen.server.iter().copied().chain([chosen.load]))
            .collect();
        cores.sort_unstable();
        cores.dedup();
        cores
    }

    /// From now on this thread, and those that it makes, run on the load's core.
    pub(crate) fn settle(&self) -> io::Result<()> {
        match &self.0 {
            Some(chosen) => bind(&[chosen.load]),
            None => Ok(()),
        }
    }

    /// Makes a process that runs on the server's cores: it inherits them from the thread that makes it.
    pub(crate) fn as_server<T>(&self, make: impl FnOnce() -> T) -> io::Result<T> {
        let Some(chosen) = &self.0 else {
            return Ok(make());
        };
        bind(&chosen.server)?;
        let made = make();
        bind(&[chosen.load])?;
        Ok(made)
    }

    /// Makes a process that runs on the cores of both sides until [`Self::move_to_server`].
    pub(crate) fn as_both<T>(&self, make: impl FnOnce() -> T) -> io::Result<T> {
        let Some(chosen) = &self.0 else {
            return Ok(make());
        };
        bind(&self.all())?;
        let made = make();
        bind(&[chosen.load])?;
        Ok(made)
    }

    /// From now on all threads of a process, and those that they make, run on the server's cores.
    pub(crate) fn move_to_server(&self, process: u32) -> io::Result<()> {
        let Some(chosen) = &self.0 else { return Ok(()) };
        for thread in fs::read_dir(format!("/proc/{process}/task"))? {
            let name = thread?.file_name();
            let thread = name.to_str().and_then(|name| name.parse().ok());
            bind_thread(thread.and_then(Pid::from_raw), &chosen.server)?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Cores {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(Chosen { server, load }) = &self.0 else {
            return formatter.write_str("as the kernel chooses");
        };
        let server: Vec<String> = server.iter().map(usize::to_string).collect();
        write!(formatter, "server {}, load {load}", server.join(","))
    }
}

impl FromStr for Cores {
    type Err = BadCores;

    fn from_str(text: &str) -> Result<Self, BadCores> {
        if text == "none" {
            return Ok(Self(None));
        }
        let (server, load) = text.split_once(':').ok_or(BadCores)?;
        let number = |text: &str| {
            let number = text.parse().ok();
            number.filter(|core| *core < CpuSet::MAX_CPU)
        };
        let server: Option<Vec<usize>> = server.split(',').map(number).collect();
        Ok(Self(Some(Chosen {
            server: server.ok_or(BadCores)?,
            load: number(load).ok_or(BadCores)?,
        })))
    }
}

fn bind(cores: &[usize]) -> io::Result<()> {
    bind_thread(None, cores)
}

/// Of no thread this one is meant.
fn bind_thread(thread: Option<Pid>, cores: &[usize]) -> io::Result<()> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|core| set.set(*core));
    sched_setaffinity(thread, &set).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(
            error.kind(),
            format!("cores {cores:?}: {error}; name others by --cpu, or none"),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use rustix::thread::{Pid, sched_getaffinity};

    use super::{BadCores, Cores, CpuSet};

    fn cores_of(process: u32) -> Vec<usize> {
        let thread = i32::try_from(process).ok().and_then(Pid::from_raw);
        let allowed = sched_getaffinity(thread).unwrap();
        (0..CpuSet::MAX_CPU)
            .filter(|core| allowed.is_set(*core))
            .collect()
    }

    #[test]
    fn a_process_of_both_sides_is_moved_to_the_servers_cores() {
        let cores = Cores::usual();
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped());
        let mut child = cores.as_both(|| command.spawn()).unwrap().unwrap();
        let both = cores_of(child.id());
        cores.move_to_server(child.id()).unwrap();
        let server = cores_of(child.id());
        drop(child.stdin.take());
        child.wait().unwrap();
        match cores.all()[..] {
            [] => assert_eq!(both, server),
            [first, second] => assert_eq!((both, server), (vec![first, second], vec![first])),
            _ => panic!("{cores}"),
        }
    }

    #[test]
    fn cores_are_read_and_written() {
        let cores: Cores = "0,2:1".parse().unwrap();
        assert_eq!(cores.all(), [0, 1, 2]);
        assert_eq!(cores.to_string(), "server 0,2, load 1");
        assert_eq!("none".parse(), Ok(Cores::default()));
    }

    #[test]
    fn a_core_that_both_sides_share_counts_once() {
        let cores: Cores = "3,0:0".parse().unwrap();
        assert_eq!(cores.all(), [0, 3]);
    }

    #[test]
    fn the_usual_cores_are_of_those_that_may_be_used() {
        let mut allowed = CpuSet::new();
        allowed.set(5);
        assert_eq!(Cores::first_of(&allowed), Cores::default());
        allowed.set(3);
        assert_eq!(Cores::first_of(&allowed).to_string(), "server 3, load 5");
    }

    #[test]
    fn what_names_no_cores_is_refused() {
        for text in ["", "0", "0:", ":1", "a:1", "0:99999999"] {
            assert_eq!(text.parse::<Cores>(), Err(BadCores), "{text}");
        }
    }
}
