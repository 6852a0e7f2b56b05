//! Looks whether a stream of a node came to its end: without its mark, which is not passed on, nothing is whole.

use sha2::{Digest, Sha256};

const WORD: &[u8] = b"\ntenantry transfer ends\n";
/// Bytes of the mark: the word and 64 hexadecimal digits.
const LENGTH: usize = WORD.len() + 64;

/// What was read of a stream, and not given yet.
#[derive(Debug, Default)]
pub struct Seal {
    held: Vec<u8>,
    digest: Sha256,
    given: u64,
}

/// Whether a stream was whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// It was, and had so many bytes.
    Whole(u64),
    /// It was cut, or changed.
    Broken,
}

impl Seal {
    /// Takes a piece; gives what is for sure not the mark.
    pub fn take(&mut self, piece: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let ready = self.held.len().saturating_sub(LENGTH);
        let rest = self.held.split_off(ready);
        let given = std::mem::replace(&mut self.held, rest);
        self.digest.update(&given);
        self.given += given.len() as u64;
        given
    }

    /// Bytes that were given.
    pub const fn given(&self) -> u64 {
        self.given
    }

    /// Nothing more comes.
    pub fn end(&mut self) -> Unsealed {
        let digest = hex::encode(std::mem::take(&mut self.digest).finalize());
        match self.held == [WORD, digest.as_bytes()].concat() {
            true => Unsealed::Whole(self.given),
            false => Unsealed::Broken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(content: &[u8]) -> Vec<u8> {
        let digest = hex::encode(Sha256::digest(content));
        [content, WORD, digest.as_bytes()].concat()
    }

    fn read(stream: &[u8], piece: usize) -> (Vec<u8>, Unsealed) {
        let mut seal = Seal::default();
        let given = stream.chunks(piece).flat_map(|piece| seal.take(piece)).collect();
        (given, seal.end())
    }

    #[test]
    fn a_stream_is_whole_with_its_mark_and_broken_without_any_byte_of_it() {
        let content: Vec<u8> = (0..1000_u32).flat_map(u32::to_le_bytes).collect();
        let stream = sealed(&content);
        for piece in [1, 7, 64, 5000] {
            assert_eq!(
                read(&stream, piece),
                (content.clone(), Unsealed::Whole(4000)),
                "{piece}"
            );
        }
        for cut in [0, 10, 3999, 4000, stream.len() - 1] {
            assert_eq!(read(&stream[..cut], 64).1, Unsealed::Broken, "{cut}");
        }
        let mut changed = stream;
        changed[500] ^= 1;
        assert_eq!(read(&changed, 64).1, Unsealed::Broken);
    }
}
