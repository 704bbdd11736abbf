use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use kairos_domain::mail::{MailError, Mailer, Message};

use crate::error::MailSetupError;
use crate::letter::LetterWriter;
use crate::mime::{TextEncoding, encode, link};
use crate::sender::Sender;

/// Writes each mail to a folder as `{id}.eml`, a file that mail programs open, and logs its link.
///
/// This client is for development on one's own machine: anyone who can read the folder or the log can use the
/// links.
pub struct Folder {
    path: PathBuf,
    sender: Sender,
    letters: LetterWriter,
}

impl Folder {
    /// Builds the client.
    ///
    /// The first mail creates the folder, with access for its owner only.
    ///
    /// # Errors
    /// [`MailSetupError::Template`] if a template does not parse.
    pub fn new(path: PathBuf, sender: Sender, project_name: &str) -> Result<Self, MailSetupError> {
        let letters = LetterWriter::new(project_name)?;
        Ok(Self {
            path,
            sender,
            letters,
        })
    }
}

#[async_trait]
impl Mailer for Folder {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let letter = self.letters.write(message)?;
        let mail = encode(message, letter, &self.sender, TextEncoding::Readable)?.formatted();
        let (folder, file) = (self.path.clone(), self.path.join(format!("{}.eml", message.id)));
        let written = {
            let file = file.clone();
            tokio::task::spawn_blocking(move || write_whole(&folder, &file, &mail))
        };
        written
            .await
            .map_err(MailError::transient)?
            .map_err(MailError::transient)?;
        tracing::info!(file = %file.display(), link = link(message), "wrote a mail to the outbox folder");
        Ok(())
    }
}

/// Writes a file atomically. Only the owner can read it.
fn write_whole(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    if !fs::exists(folder)? {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut file = tempfile::Builder::new().prefix(".mail.").tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{LINK, reset_message, verify_message};

    #[tokio::test]
    async fn a_mail_is_a_file_in_which_the_link_stands_on_its_own_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/outbox");
        let folder = Folder::new(path.clone(), "Kairos <kairos@localhost>".parse().unwrap(), "Vélo").unwrap();
        let message = reset_message("Zoë");
        folder.send(&message).await.unwrap();
        // A retry replaces the file of the first attempt.
        folder.send(&message).await.unwrap();
        let files: Vec<_> = fs::read_dir(&path)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        assert_eq!(files, [path.join(format!("{}.eml", message.id))]);
        let mail = fs::read_to_string(&files[0]).unwrap();
        assert!(mail.lines().any(|line| line == LINK), "{mail}");
        assert!(mail.contains("To: ann@example.org\r\n"));
        assert!(mail.contains("Auto-Submitted: auto-generated\r\n"));
        assert!(mail.contains("Hello Zoë,"));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("outbox");
        let folder = Folder::new(path.clone(), "kairos@localhost".parse().unwrap(), "Kairos").unwrap();
        let message = verify_message();
        folder.send(&message).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(format!("{}.eml", message.id))), 0o600);
    }
}
