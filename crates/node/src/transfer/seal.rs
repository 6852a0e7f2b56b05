//! The end mark of a stream: a word and the SHA-256 of everything before it. Without it nothing is whole.

use aws_lc_rs::digest::{Context, SHA256};
use std::io::{self, ErrorKind, Read, Write};

const WORD: &[u8] = b"\ntenantry transfer ends\n";
/// Bytes of the mark: the word and 64 hexadecimal digits.
const LENGTH: usize = WORD.len() + 64;
const PIECE: usize = 64 << 10;

fn mark(digest: &str) -> Vec<u8> {
    [WORD, digest.as_bytes()].concat()
}

/// Notes what is written, and marks its end.
pub(crate) struct Sealing<W> {
    inner: W,
    context: Context,
    bytes: u64,
}

impl<W: Write> Sealing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            context: Context::new(&SHA256),
            bytes: 0,
        }
    }

    /// Writes the mark; gives the digest and how many bytes there were before it.
    pub(crate) fn finish(mut self) -> io::Result<(String, u64)> {
        let digest = hex::encode(self.context.finish());
        self.inner.write_all(&mark(&digest))?;
        self.inner.flush()?;
        Ok((digest, self.bytes))
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.context.update(buffer.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Gives what stands before the mark, which is looked at in the end.
pub(crate) struct Sealed<R> {
    inner: R,
    context: Context,
    bytes: u64,
    /// What was read and not given yet; the last bytes of it may be the mark.
    held: Vec<u8>,
    piece: Vec<u8>,
    is_over: bool,
}

impl<R: Read> Sealed<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self {
            inner,
            context: Context::new(&SHA256),
            bytes: 0,
            held: Vec::new(),
            piece: vec![0; PIECE],
            is_over: false,
        }
    }

    /// Reads to the end and looks at the mark; gives the digest and how many bytes there were before it.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEof`] for a stream that was cut, [`ErrorKind::InvalidData`] for one that was changed.
    pub(crate) fn finish(mut self) -> io::Result<(String, u64)> {
        io::copy(&mut self, &mut io::sink())?;
        let digest = hex::encode(self.context.finish());
        match self.held == mark(&digest) {
            true => Ok((digest, self.bytes)),
            false if self.held.starts_with(WORD) && self.held.len() == LENGTH => {
                Err(ErrorKind::InvalidData.into())
            }
            false => Err(ErrorKind::UnexpectedEof.into()),
        }
    }
}

impl<R: Read> Read for Sealed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let ready = self.held.len().saturating_sub(LENGTH);
            if ready > 0 || self.is_over || buffer.is_empty() {
                let count = ready.min(buffer.len());
                for (to, from) in buffer.iter_mut().zip(self.held.drain(..count)) {
                    *to = from;
                }
                self.context.update(buffer.get(..count).unwrap_or_default());
                self.bytes += count as u64;
                return Ok(count);
            }
            match self.inner.read(&mut self.piece) {
                Ok(0) => self.is_over = true,
                Ok(count) => self.held.extend(self.piece.iter().take(count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(content: &[u8]) -> (Vec<u8>, String) {
        let mut stream = Vec::new();
        let mut sealing = Sealing::new(&mut stream);
        sealing.write_all(content).unwrap();
        let (digest, bytes) = sealing.finish().unwrap();
        assert_eq!(bytes, content.len() as u64);
        (stream, digest)
    }

    fn read(stream: &[u8], piece: usize) -> io::Result<(Vec<u8>, String)> {
        let mut sealed = Sealed::new(stream);
        let (mut content, mut buffer) = (Vec::new(), vec![0; piece]);
        loop {
            let count = sealed.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            content.extend_from_slice(&buffer[..count]);
        }
        let (digest, _) = sealed.finish()?;
        Ok((content, digest))
    }

    proptest! {
        #[test]
        fn what_was_sealed_is_read_back_and_what_was_cut_or_changed_is_not(
            content in proptest::collection::vec(any::<u8>(), 0..4000),
            piece in 1_usize..700,
            cut in any::<proptest::sample::Index>(),
        ) {
            let (stream, digest) = sealed(&content);
            let (back, told) = read(&stream, piece).unwrap();
            prop_assert_eq!((back, told), (content, digest));
            let at = cut.index(stream.len());
            prop_assert_eq!(read(&stream[..at], piece).unwrap_err().kind(), ErrorKind::UnexpectedEof);
            let mut changed = stream;
            changed[at] ^= 1;
            prop_assert!(read(&changed, piece).is_err());
        }
    }
}
