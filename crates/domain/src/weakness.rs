//! Secrets that must not be used: published, missing, short, or easily guessed.

use sha2::{Digest, Sha256};
use thiserror::Error;

/// SHA-256, in lower case, of the keys and passwords that public documents about systems of this kind print, so that
/// this program knows them without repeating them.
const PUBLISHED: [&str; 11] = [
    "057ba03d6c44104863dc7361fe4578965d1887360f90a0895882e58a6248fc86",
    "240be518fabd2724ddb6f04eeb1da5967448d7e831c08c8fa822809f74c720a9",
    "364ef2ad9af2773dbc128265c250094a5a2d0a2cc66e9e49e4a34d6c58acec4b",
    "50419b9c52fedd1af3f7659d8c8c3346a88cecda693de5b37fe1887e40a021dc",
    "51222a5b86faf40c90901b1c3c92ed2d3f5311992eb192ec4fbf164ea6d7ed8a",
    "71c9377fbb319c6f0e4df5b1123b439cc03ff3fc9d5789c8459e7040a99fec8b",
    "9d1945b50f17a90d803b8825efc386a0a7af5cc2c7452547d11573d03c486aa7",
    "b4bd8cbfa0cbd8fe30c0bf1ef6e49070ff3889a6c5673a02a21cd16612cb8000",
    "c657f0801e08e5340bdddc3c1e90ddc6c8eed8df34bbe206233d02c6de914844",
    "ed0d9a7b0fb60442f31fd246eff8dcfa333ad049a6cbf92a1303529073ed6a36",
    "ff4bc8171792d0ac596bc8b061e7bbb492d2a56894cf176d24fd0d16d292bbe0",
];

/// Fewest characters of a secret between machines.
const SHORTEST: usize = 16;
/// Fewest different characters of one.
const FEWEST_KINDS: usize = 6;
/// Fewest bits that the frequencies of its characters leave to guess.
const FEWEST_BITS: f64 = 48.0;

/// Why a secret must not be used. It says nothing of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Weakness {
    /// There is none.
    #[error("is missing")]
    Missing,
    /// Public documents print it.
    #[error("is printed in public documents")]
    Published,
    /// It has too few characters.
    #[error("has fewer than {SHORTEST} characters")]
    Short,
    /// It repeats itself, counts up or down, or consists of few characters.
    #[error("is easily guessed: it repeats itself or consists of too few different characters")]
    Simple,
}

/// Whether public documents print this secret, in whatever case.
pub fn is_published(text: &str) -> bool {
    let digest = Sha256::digest(text.to_lowercase().as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    PUBLISHED.contains(&hex.as_str())
}

/// Checks a secret that machines show each other: a key, the password of a database.
///
/// # Errors
/// The first weakness found.
pub fn check_machine_secret(text: &str) -> Result<(), Weakness> {
    let characters: Vec<char> = text.chars().collect();
    if characters.is_empty() {
        return Err(Weakness::Missing);
    }
    if is_published(text) {
        return Err(Weakness::Published);
    }
    if characters.len() < SHORTEST {
        return Err(Weakness::Short);
    }
    if repeats(&characters) || counts(&characters) || bits(&characters) < FEWEST_BITS {
        return Err(Weakness::Simple);
    }
    Ok(())
}

/// Whether it is a shorter text three times or more, or has few kinds of characters.
fn repeats(characters: &[char]) -> bool {
    let mut kinds = characters.to_vec();
    kinds.sort_unstable();
    kinds.dedup();
    let period = |period: usize| {
        characters
            .iter()
            .skip(period)
            .eq(characters.iter().take(characters.len() - period))
    };
    kinds.len() < FEWEST_KINDS || (1..=characters.len() / 3).any(period)
}

/// Whether nearly every character follows its neighbour by one, up or down.
fn counts(characters: &[char]) -> bool {
    let steps = characters
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if u32::from(*a).abs_diff(u32::from(*b)) == 1))
        .count();
    steps * 10 >= characters.len() * 8
}

/// How many bits there are to guess if only the frequencies of the characters are known.
fn bits(characters: &[char]) -> f64 {
    let mut sorted = characters.to_vec();
    sorted.sort_unstable();
    let length = count(characters.len());
    let of_kind = |kind: &[char]| count(kind.len()) * (length / count(kind.len())).log2();
    sorted.chunk_by(|a, b| a == b).map(of_kind).sum()
}

/// Lengths are far below the numbers that a double cannot tell apart.
fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_secrets_pass() {
        for good in [
            "5f0c1e9ab7d24386f1a05c7e9b3d8264e1f7a90b5c3d2e684790abcdef135792",
            "tnn_9c1f4be0a7d3526818c7e5f2b94a06d3",
            "x7Q!mB2r9Lw@4TzK",
        ] {
            assert_eq!(check_machine_secret(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn weak_secrets_are_refused_by_reason() {
        let sixty_four = |text: &str| text.repeat(64 / text.len());
        for (weak, wanted) in [
            (String::new(), Weakness::Missing),
            ("hunter2".to_owned(), Weakness::Short),
            (sixty_four("0"), Weakness::Simple),
            (sixty_four("01"), Weakness::Simple),
            (sixty_four("deadbeef"), Weakness::Simple),
            (sixty_four("0123456789abcdef"), Weakness::Simple),
            ("abcdefghijklmnopqrstuvwxyz".to_owned(), Weakness::Simple),
            ("aaaaaaaabbbbbbbbcccccccc".to_owned(), Weakness::Simple),
            ("aaaaaaaaaaaaaaaaaaaabcdef".to_owned(), Weakness::Simple),
        ] {
            assert_eq!(check_machine_secret(&weak), Err(wanted), "{weak}");
        }
    }

    #[test]
    fn what_documents_print_is_known_in_any_case() {
        for word in ["ChangeMe", "ADMIN123"] {
            assert!(is_published(word));
        }
        assert!(!is_published("another"));
    }
}
