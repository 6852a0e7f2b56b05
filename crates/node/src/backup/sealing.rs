//! Compression and encryption of a backup's objects, as streams. Each can be opened without us: `age -d -i key FILE | zstd -d`.

use crate::error::{Code, StepFailure};
use age::secrecy::ExposeSecret as _;
use age::stream::{StreamReader, StreamWriter};
use age::x25519;
use age::{DecryptError, Decryptor, Encryptor, Identity};
use aws_lc_rs::digest;
use std::io::{self, BufReader, Read, Write};

/// Who may read what is written.
#[derive(Clone)]
pub(crate) struct Recipients(Vec<x25519::Recipient>);

impl Recipients {
    /// Reads `age1…` each.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, StepFailure> {
        let parsed: Result<Vec<_>, _> = texts.iter().map(|text| text.parse()).collect();
        match parsed {
            Ok(recipients) if !recipients.is_empty() => Ok(Self(recipients)),
            _ => Err(StepFailure::new(
                Code::BackupKeyWrong,
                "One of the keys that the backup is to be encrypted for is none of age's.",
            )),
        }
    }

    /// What is written to it comes out compressed and encrypted. It is whole when it was finished.
    pub(crate) fn seal<W: Write>(&self, to: W, level: i32) -> io::Result<Sealed<W>> {
        let recipients = self.0.iter().map(|one| one as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
        Ok(Sealed(zstd::Encoder::new(encryptor.wrap_output(to)?, level)?))
    }
}

/// A writer that compresses and encrypts.
pub(crate) struct Sealed<W: Write>(zstd::Encoder<'static, StreamWriter<W>>);

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> Sealed<W> {
    /// Writes the end marks of both.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.0.finish()?.finish()
    }
}

/// The key that opens a tenant's backups.
#[derive(Clone)]
pub(crate) struct Key(x25519::Identity);

/// What opening gives.
pub(crate) type Opened<R> = zstd::Decoder<'static, BufReader<StreamReader<BufReader<R>>>>;

impl Key {
    pub(crate) fn parse(text: &str) -> Result<Self, StepFailure> {
        text.parse().map(Self).map_err(|_| wrong_key())
    }

    /// A word that follows from the key and a name, and is of no use to whoever has it.
    pub(crate) fn word(&self, name: &str) -> String {
        let secret = self.0.to_string();
        let text = format!("word:{name}:{}", secret.expose_secret());
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        hex::encode(digest.as_ref().get(..16).unwrap_or_default())
    }

    /// Decrypts and decompresses. Reading fails where what is stored was changed or cut.
    pub(crate) fn open<R: Read>(&self, from: R) -> Result<Opened<R>, StepFailure> {
        let from = BufReader::with_capacity(64 << 10, from);
        let decryptor = Decryptor::new_buffered(from).map_err(refused)?;
        let opened = decryptor
            .decrypt(std::iter::once(&self.0 as &dyn Identity))
            .map_err(refused)?;
        zstd::Decoder::new(opened).map_err(super::damaged)
    }
}

fn wrong_key() -> StepFailure {
    StepFailure::new(
        Code::BackupKeyWrong,
        "The key does not open this backup: it was encrypted for another one.",
    )
}

fn refused(error: DecryptError) -> StepFailure {
    match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed => wrong_key(),
        DecryptError::Io(error) => unreadable(error),
        error => super::damaged(error),
    }
}

/// What reading an opened object fails with: the line, or the object.
pub(crate) fn unreadable(error: io::Error) -> StepFailure {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => super::damaged(error),
        io::ErrorKind::StorageFull => crate::error::NodeError::Stream { source: error }.into(),
        _ if error.to_string().to_lowercase().contains("frame") => super::damaged(error),
        _ => StepFailure::new(
            Code::StoreAway,
            format!("The store's line was cut while a backup was read ({error}). Try again."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (Key, Recipients) {
        let identity = x25519::Identity::generate();
        let recipients = Recipients(vec![identity.to_public()]);
        (Key(identity), recipients)
    }

    fn sealed(recipients: &Recipients, plain: &[u8]) -> Vec<u8> {
        let mut sealed = recipients.seal(Vec::new(), 1).unwrap();
        sealed.write_all(plain).unwrap();
        sealed.finish().unwrap()
    }

    fn read(key: &Key, stored: &[u8]) -> Result<Vec<u8>, StepFailure> {
        let mut plain = Vec::new();
        key.open(stored)?.read_to_end(&mut plain).map_err(unreadable)?;
        Ok(plain)
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_found() {
        let (key, recipients) = keys();
        let plain: Vec<u8> = (0..20_000_u32).flat_map(u32::to_le_bytes).collect();
        let stored = sealed(&recipients, &plain);
        assert_eq!(read(&key, &stored).unwrap(), plain);
        for place in (0..stored.len()).step_by(stored.len() / 150) {
            let mut flipped = stored.clone();
            flipped[place] ^= 1;
            assert!(read(&key, &flipped).is_err(), "flipped at {place}");
        }
        for length in [0, 1, 100, stored.len() / 2, stored.len() - 1] {
            assert!(read(&key, &stored[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn another_key_is_said_to_be_another() {
        let (_, recipients) = keys();
        let (other, _) = keys();
        let failure = read(&other, &sealed(&recipients, b"x")).unwrap_err();
        assert_eq!(failure.code, Code::BackupKeyWrong);
    }

    #[test]
    fn whoever_is_a_recipient_reads() {
        let (one, first) = keys();
        let (two, second) = keys();
        let both = Recipients([first.0, second.0].concat());
        let stored = sealed(&both, b"for both");
        assert_eq!(read(&one, &stored).unwrap(), b"for both");
        assert_eq!(read(&two, &stored).unwrap(), b"for both");
    }
}
