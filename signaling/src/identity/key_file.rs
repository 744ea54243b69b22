//! Files of the data directory that nobody else may read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A private file could not be read or made.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be read or made: {source}", path.display())]
pub struct KeyFileError {
    path: PathBuf,
    source: io::Error,
}

/// The content of a private file, made by `make` when there is none. It appears whole or not at
/// all, so that a crash at the first start leaves no half of a key.
///
/// # Errors
/// [`KeyFileError`] with what the file system said.
pub(crate) fn private_file(
    path: &Path,
    make: impl FnOnce() -> io::Result<Vec<u8>>,
) -> Result<Vec<u8>, KeyFileError> {
    let attempt = || match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let content = make()?;
            write_whole(path, &content)?;
            Ok(content)
        }
        result => result,
    };
    attempt().map_err(|source| KeyFileError {
        path: path.to_owned(),
        source,
    })
}

/// Writes a private file, whole or not at all.
///
/// # Errors
/// [`KeyFileError`] with what the file system said.
pub(crate) fn write_private_file(path: &Path, content: &[u8]) -> Result<(), KeyFileError> {
    write_whole(path, content).map_err(|source| KeyFileError {
        path: path.to_owned(),
        source,
    })
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    if let Some(directory) = path.parent() {
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::private_file;

    #[test]
    fn a_private_file_is_made_once_and_read_by_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let made = private_file(&path, || Ok(b"first".to_vec())).unwrap();
        let read = private_file(&path, || Ok(b"second".to_vec())).unwrap();
        assert_eq!(
            (made.as_slice(), read.as_slice()),
            (&b"first"[..], &b"first"[..])
        );
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
