use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use kairos_domain::mail::{MailError, Mailer, Message};

use crate::error::MailSetupError;
use crate::letter::LetterWriter;
use crate::mime::{TextEncoding, encode, link};
use crate::sender::Sender;

/// Puts each mail into a folder, as a file `{id}.eml` that mail programs open, and its link into the log.
///
/// For a service on one's own machine: whoever reads the folder or the log can use the links.
pub struct Folder {
    path: PathBuf,
    sender: Sender,
    letters: LetterWriter,
}

impl Folder {
    /// Takes the folder, which is made with the first mail, open to its owner only.
    ///
    /// # Errors
    /// [`MailSetupError::Template`].
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
        tracing::info!(file = %file.display(), link = link(message), "a mail was put into the outbox folder");
        Ok(())
    }
}

/// Writes a file that is there whole or not at all, and that only its owner reads.
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
        // A second try replaces the first.
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
