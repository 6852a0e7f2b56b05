//! Makes typed words of the message files, and gathers the assets under one name that changes with any of them.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const LANGUAGES: [(&str, &str); 2] = [("ENGLISH", "en"), ("SPANISH", "es")];

fn main() -> Outcome {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=messages");
    println!("cargo::rerun-if-changed=assets");
    println!("cargo::rerun-if-changed=templates");
    fs::write(out.join("words.rs"), words(&here)?)?;
    fs::write(out.join("assets.rs"), assets(&here, &out)?)?;
    Ok(())
}

/// The files of a folder in the order of their names.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

/// The messages of a language: `key = text`, a line each.
fn messages(here: &Path, tag: &str) -> Outcome<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for path in files(&here.join("messages").join(tag))? {
        let text = fs::read_to_string(&path)?;
        for line in text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let (key, words) = line
                .split_once(" = ")
                .ok_or_else(|| format!("{}: {line}", path.display()))?;
            if found.insert(key.to_owned(), words.to_owned()).is_some() {
                return Err(format!("{}: {key} is there twice", path.display()).into());
            }
        }
    }
    Ok(found)
}

/// One field a key, so that a key that is missing in a language, or that a page misspells, does not compile.
fn words(here: &Path) -> Outcome<String> {
    let english = messages(here, "en")?;
    let mut code = String::from("/// Every text of the pages in one language.\n");
    code.push_str("#[derive(Debug)]\npub(crate) struct Words {\n");
    for (key, text) in &english {
        writeln!(
            code,
            "    /// {}\n    pub(crate) {key}: Text,",
            text.replace('`', "'")
        )?;
    }
    code.push_str("}\n");
    for (name, tag) in LANGUAGES {
        writeln!(code, "pub(crate) static {name}: Words = Words {{")?;
        for (key, text) in messages(here, tag)? {
            writeln!(code, "    {key}: Text({text:?}),")?;
        }
        code.push_str("};\n");
    }
    code.push_str("impl Words {\n    /// The text of a key that is put together while the program runs.\n");
    code.push_str("    pub(crate) fn of(&self, key: &str) -> Option<Text> {\n        Some(match key {\n");
    for key in english.keys() {
        writeln!(code, "            {key:?} => self.{key},")?;
    }
    code.push_str("            _ => return None,\n        })\n    }\n");
    code.push_str("    /// What scripts say, by key.\n    pub(crate) fn for_scripts(&self) -> Vec<(&'static str, Text)> {\n        vec![\n");
    for key in english.keys().filter(|key| key.starts_with("js_")) {
        let short = key.trim_start_matches("js_");
        writeln!(code, "            ({short:?}, self.{key}),")?;
    }
    code.push_str("        ]\n    }\n}\n");
    Ok(code)
}

/// FNV-1a; a name for what is in the files, which nobody tries to forge.
fn digest(mut seed: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        seed ^= u64::from(*byte);
        seed = seed.wrapping_mul(0x0000_0100_0000_01b3);
    }
    seed
}

/// The style is all its parts, one after another; a script is a file.
fn assets(here: &Path, out: &Path) -> Outcome<String> {
    let mut style = String::new();
    for path in files(&here.join("assets/style"))? {
        style.push_str(&fs::read_to_string(path)?);
    }
    // All of them stand beside the generated code: a target folder that several copies of the repository share names none of them.
    let gathered = out.join("assets");
    fs::create_dir_all(&gathered)?;
    fs::write(gathered.join("panel.css"), &style)?;
    let mut listed = vec!["panel.css".to_owned()];
    for path in files(&here.join("assets"))? {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("a name that is no text")?;
        fs::copy(&path, gathered.join(name))?;
        listed.push(name.to_owned());
    }
    let mut version = 0xcbf2_9ce4_8422_2325;
    for name in &listed {
        version = digest(digest(version, name.as_bytes()), &fs::read(gathered.join(name))?);
    }
    let mut code =
        format!("/// Changes with any asset.\npub(crate) const VERSION: &str = \"{version:016x}\";\n");
    code.push_str("/// Every asset by name.\npub(crate) const FILES: &[(&str, &str)] = &[\n");
    for name in &listed {
        writeln!(
            code,
            "    ({name:?}, include_str!(concat!(env!(\"OUT_DIR\"), \"/assets/{name}\"))),"
        )?;
    }
    code.push_str("];\n");
    Ok(code)
}
