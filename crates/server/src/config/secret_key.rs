//! The signing key of an installation without `SECRET_KEY`.
//!
//! The key is created once and kept in `DATA_DIR`, readable by its owner only.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use kairos_domain::clock::Randomness;
use secrecy::SecretString;

use super::SECRET_KEY_LEAST_BYTES;

/// The file in `DATA_DIR`.
const FILE_NAME: &str = "secret_key";

/// Why the kept key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// The file could not be read or created.
    #[error("the signing key {} can't be read or made: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The key exists, but is short enough to guess.
    #[error(
        "the signing key {} is shorter than 32 bytes; remove it to have another made, which signs everyone out",
        path.display()
    )]
    TooShort {
        /// The file.
        path: PathBuf,
    },
}

/// Reads the key kept in `data_dir`, and creates it first if there is none.
///
/// # Errors
/// [`SecretKeyError`] if the file can't be read or created, or its key is too short.
pub fn load_or_make(data_dir: &Path, randomness: &dyn Randomness) -> Result<SecretString, SecretKeyError> {
    let path = data_dir.join(FILE_NAME);
    let unusable = |source| SecretKeyError::Unusable {
        path: path.clone(),
        source,
    };
    let kept = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(data_dir, &path, randomness).map_err(unusable)?;
            // Read the file even after creating it: if another process was first, its key is the one that
            // counts.
            fs::read_to_string(&path)
        }
        kept => kept,
    };
    let key = kept.map_err(unusable)?;
    let key = key.trim();
    if key.len() < SECRET_KEY_LEAST_BYTES {
        return Err(SecretKeyError::TooShort { path });
    }
    Ok(key.into())
}

/// Writes a new key to a temporary file and moves it into place, unless there is a key already.
///
/// A plain rename would replace the key of a process that started at the same moment and already signs with
/// it.
fn make(data_dir: &Path, path: &Path, randomness: &dyn Randomness) -> io::Result<()> {
    create_private_folder(data_dir)?;
    let key: String = randomness
        .bytes::<32>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // The temporary file has the mode 0600 from its creation on.
    let mut file = tempfile::Builder::new()
        .prefix(".secret_key.")
        .tempfile_in(data_dir)?;
    file.write_all(key.as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(refused) => Err(refused.error),
    }
}

/// Creates a folder, and its missing parents, that only its owner may enter.
///
/// Such folders hold the signing key, and mails with valid links.
///
/// # Errors
/// The error of the file system.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
