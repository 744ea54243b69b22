//! What the kernel tells of processes, cores and sockets (proc(5)).

use std::fs;
use std::io;

use rustix::time::{ClockId, clock_gettime};

/// The kernel's ticks of `/proc/stat` in a second, on every architecture that Linux has today.
const TICKS: f64 = 100.0;

/// The processor time of a process in nanoseconds, over all its threads that are alive.
pub(crate) fn process_time(pid: u32) -> io::Result<u64> {
    let mut total = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end while it is looked at.
        let stat = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        total += first_number(&stat);
    }
    Ok(total)
}

/// The processor time of this thread in nanoseconds.
pub(crate) fn own_time() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}

/// The resident memory of a process in KiB.
///
/// # Errors
/// When it has none: it has ended, though its parent may not have noticed.
pub(crate) fn resident(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    field(&status, "VmRSS:").ok_or_else(|| io::Error::other("it has ended"))
}

/// What the cores did since the machine began, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct CoreTime {
    /// For processes, the kernel and its interrupts.
    pub(crate) busy: f64,
    /// What the hypervisor gave to others.
    pub(crate) steal: f64,
}

/// What some cores did, or all when none is named.
pub(crate) fn core_time(cores: &[usize]) -> io::Result<CoreTime> {
    Ok(read_core_time(&fs::read_to_string("/proc/stat")?, cores))
}

fn read_core_time(stat: &str, cores: &[usize]) -> CoreTime {
    let names: Vec<String> = match cores {
        [] => vec!["cpu".to_owned()],
        _ => cores.iter().map(|core| format!("cpu{core}")).collect(),
    };
    let mut time = CoreTime::default();
    for line in stat.lines() {
        let mut words = line.split_ascii_whitespace();
        if !words
            .next()
            .is_some_and(|word| names.iter().any(|name| name == word))
        {
            continue;
        }
        let ticks: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
        // user nice system idle iowait irq softirq steal; guests are within user.
        if let [user, nice, system, _, _, irq, softirq, steal, ..] = *ticks {
            time.busy += (user + nice + system + irq + softirq) / TICKS;
            time.steal += steal / TICKS;
        }
    }
    time
}

fn first_number(text: &str) -> u64 {
    let first = text.split_ascii_whitespace().next();
    first.and_then(|word| word.parse().ok()).unwrap_or_default()
}

fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    value.map(first_number)
}

#[cfg(test)]
mod tests {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    use super::{CoreTime, field, first_number, own_time, process_time, read_core_time, resident};

    #[test]
    fn cores_are_told_apart() {
        let stat = "cpu  300 0 200 900 5 10 20 40 0 0\n\
            cpu0 100 0 100 500 5 10 20 30 0 0\ncpu1 200 0 100 400 0 0 0 10 0 0\nintr 5\n";
        let first = read_core_time(stat, &[0]);
        assert_eq!((first.busy, first.steal), (2.3, 0.3));
        let all = read_core_time(stat, &[]);
        assert_eq!((all.busy, all.steal), (5.3, 0.4));
        assert_eq!(read_core_time(stat, &[7]), CoreTime::default());
    }

    #[test]
    fn this_process_takes_time_and_memory() {
        let pid = std::process::id();
        assert!(process_time(pid).unwrap() > 0);
        assert!(own_time() > 0);
        assert!(resident(pid).unwrap() > 100);
    }

    #[test]
    fn a_process_that_has_ended_has_no_memory_although_nobody_has_noticed() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        // It stays to be looked at until it is waited for in earnest.
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid.unwrap()), ended).unwrap();
        assert!(process_time(child.id()).is_ok());
        assert!(resident(child.id()).is_err());
        child.wait().unwrap();
    }

    #[test]
    fn numbers_are_found() {
        assert_eq!(first_number("12 7 3"), 12);
        let status = "VmPeak: 9 kB\nVmRSS:\t  34 kB\n";
        assert_eq!(field(status, "VmRSS:"), Some(34));
        assert_eq!(field("", "VmRSS:"), None);
    }
}
