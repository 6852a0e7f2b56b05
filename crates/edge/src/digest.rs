//! One name for everything that was rendered, to compare with what nginx has loaded.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::file::EdgeFile;

/// The file that tells nginx the digest of all others, and that the digest therefore leaves out.
pub(crate) const DIGEST_FILE: &str = "digest.conf";

/// SHA-256, in hexadecimal, over the paths and contents of these files in the order of their paths. The
/// digest of [`render`](crate::render)'s files is what nginx tells at `/.edge-digest` once it has loaded them.
///
/// It stands for what nginx has loaded, which is the configuration: pages are read from the disk at each request.
pub fn digest(files: &[EdgeFile]) -> String {
    let mut files: Vec<&EdgeFile> = files.iter().filter(|file| file.path != DIGEST_FILE).collect();
    files.sort_by_key(|file| &file.path);
    let mut hasher = Sha256::new();
    for part in files.iter().flat_map(|file| [&file.path, &file.content]) {
        // With its length, so that no two lists of files read the same.
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(files: &[(&str, &str)]) -> String {
        let file = |(path, content): &(&str, &str)| EdgeFile {
            path: (*path).to_owned(),
            content: (*content).to_owned(),
        };
        digest(&files.iter().map(file).collect::<Vec<_>>())
    }

    #[test]
    fn it_is_the_same_for_the_same_files() {
        let known = digest_of(&[("a", "1"), ("b", "2")]);
        assert_eq!(known, digest_of(&[("b", "2"), ("a", "1")]));
        assert_eq!(known, digest_of(&[("a", "1"), (DIGEST_FILE, "x"), ("b", "2")]));
        // As `sha256sum` has it, for eight bytes of length before each of "a", "1", "b" and "2".
        assert_eq!(
            known,
            "63662dceceaac3caee9e43ac15aa0c4c567225916cd9af28900e1dd71438b73e"
        );
    }

    #[test]
    fn it_differs_where_a_path_or_a_content_differs() {
        let files: [&[(&str, &str)]; 7] = [
            &[("a", "1"), ("b", "2")],
            &[("a", "1"), ("b", "3")],
            &[("a", "1"), ("c", "2")],
            &[("a", "2"), ("b", "1")],
            &[("a", "1")],
            &[("a", "1b2")],
            &[],
        ];
        let digests: std::collections::HashSet<String> = files.into_iter().map(digest_of).collect();
        assert_eq!(digests.len(), files.len());
    }
}
