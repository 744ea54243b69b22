//! The data directory: its owner's alone, and one server's at a time.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file system refused.
    #[error("the data directory {} cannot be used: {source}", path.display())]
    Refused {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another server works with it.
    #[error(
        "another server is running with the data directory {}; stop it, or choose another \
         directory with --data",
        .0.display()
    )]
    InUse(PathBuf),
}

/// The data directory, held until this is dropped or the process ends in any way.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    lock: File,
}

impl Drop for DataDirectory {
    /// A process that is being started at this moment has the file open as well until it runs its program, and would
    /// hold the lock for so long.
    fn drop(&mut self) {
        // If it fails, the close that comes next releases it all the same, a moment later.
        let _ = self.lock.unlock();
    }
}

impl DataDirectory {
    /// Makes the directory when it is missing, and takes it.
    pub(crate) fn take(path: &Path) -> Result<Self, DataError> {
        let refused = |source| DataError::Refused {
            path: path.to_owned(),
            source,
        };
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(path).map_err(refused)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(refused)?;
        let lock = File::create(path.join("lock")).map_err(refused)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.canonicalize().map_err(refused)?,
                lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(refused(source)),
        }
    }

    /// A file of the directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::{DataDirectory, DataError};

    #[test]
    fn one_server_at_a_time_and_the_next_one_after_it() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let first = DataDirectory::take(&path).unwrap();
        let second = DataDirectory::take(&path).unwrap_err();
        assert!(matches!(second, DataError::InUse(_)));
        drop(first);
        DataDirectory::take(&path).unwrap();
    }
}
