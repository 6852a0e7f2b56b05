//! Odoo's filestores: made, moved and removed together with their databases.
//!
//! Odoo writes a file once and never changes it, so a copy is made of hard links. A folder that the node made for
//! an order carries a note of whose it is, so that undoing never moves or removes a folder of anybody else.

use crate::dump::sync_file_system;
use crate::error::{Code, NodeError, StepFailure};
use crate::identifier::Identifier;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

/// The note in a folder: what it was made for.
const NOTE: &str = ".tenantry-subject";

/// The folder of all filestores.
#[derive(Clone, Debug)]
pub(crate) struct Filestores {
    base: PathBuf,
}

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

impl Filestores {
    pub(crate) fn new(base: &Path) -> Self {
        Self {
            base: base.to_owned(),
        }
    }

    pub(crate) fn folder(&self, database: &Identifier) -> PathBuf {
        self.base.join(database.as_str())
    }

    /// Whether something of this name is there, be it broken.
    pub(crate) fn exists(&self, database: &Identifier) -> bool {
        self.folder(database).symlink_metadata().is_ok()
    }

    /// Makes a copy with a note of whose it is. A source without files gives an empty folder.
    pub(crate) fn copy(&self, from: &Identifier, to: &Identifier, note: &str) -> Result<Copied, StepFailure> {
        let (source, target) = (self.folder(from), self.folder(to));
        let owner = self.owner()?;
        self.note(to, note)?;
        if !self.exists(from) {
            return Ok(Copied::default());
        }
        Ok(copy_tree(&source, &target, owner)?)
    }

    /// Puts a note into a folder, which is made if it is not there.
    pub(crate) fn note(&self, database: &Identifier, note: &str) -> Result<(), NodeError> {
        let (folder, owner) = (self.folder(database), self.owner()?);
        make_folder(&folder, owner)?;
        let path = folder.join(NOTE);
        fs::write(&path, note).map_err(NodeError::file("write", &path))?;
        chown_to(&path, owner)
    }

    /// Takes a note off a folder that carries it.
    pub(crate) fn take_note_off(&self, database: &Identifier, note: &str) -> Result<(), NodeError> {
        if !self.is_of(database, note) {
            return Ok(());
        }
        let path = self.folder(database).join(NOTE);
        fs::remove_file(&path).map_err(NodeError::file("remove", &path))
    }

    /// Whether the folder is there and carries this note.
    pub(crate) fn is_of(&self, database: &Identifier, note: &str) -> bool {
        fs::read_to_string(self.folder(database).join(NOTE)).is_ok_and(|found| found == note)
    }

    /// Moves a folder, if it is there and has not been moved before. Never replaces another one.
    pub(crate) fn rename(&self, from: &Identifier, to: &Identifier) -> Result<(), StepFailure> {
        if from == to {
            return Ok(());
        }
        let (source, target) = (self.folder(from), self.folder(to));
        match renameat_with(CWD, &source, CWD, &target, RenameFlags::NOREPLACE).map_err(io::Error::from) {
            Ok(()) => Ok(()),
            // Moved before, or never there: a database whose files are lost still has to be moved.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && !self.exists(from) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(StepFailure::new(
                Code::FilestoreExists,
                format!(
                    "{} is in the way. Look whose it is and move it.",
                    target.display()
                ),
            )),
            Err(error) => Err(NodeError::file("rename", &source)(error).into()),
        }
    }

    /// Moves a folder back that an order moved, and only that one.
    pub(crate) fn take_back(
        &self,
        from: &Identifier,
        to: &Identifier,
        note: &str,
    ) -> Result<(), StepFailure> {
        if from != to && self.is_of(from, note) {
            self.rename(from, to)
        } else {
            Ok(())
        }
    }

    /// Removes a folder with all that is in it, if it is there.
    pub(crate) fn remove(&self, database: &Identifier) -> Result<(), NodeError> {
        let folder = self.folder(database);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(NodeError::file("remove", &folder)(error))
            }
            _ => Ok(()),
        }
    }

    /// Of these files, those that are not there. A name that leads out of the folder is none of Odoo's, and missing.
    pub(crate) fn missing(&self, database: &Identifier, files: Vec<String>) -> Vec<String> {
        let folder = self.folder(database);
        files
            .into_iter()
            .filter(|file| !(is_plain(file) && folder.join(file).is_file()))
            .collect()
    }

    /// Brings these files from another filestore, as far as it has them.
    pub(crate) fn bring(
        &self,
        from: &Identifier,
        to: &Identifier,
        files: &[String],
    ) -> Result<(), NodeError> {
        let owner = self.owner()?;
        for file in files.iter().filter(|file| is_plain(file)) {
            let (source, target) = (self.folder(from).join(file), self.folder(to).join(file));
            if source.is_file() && !target.exists() {
                if let Some(folder) = target.parent() {
                    make_folder(&self.folder(to), owner)?;
                    make_folder(folder, owner)?;
                }
                link_or_copy(&source, &target, owner)?;
            }
        }
        Ok(())
    }

    /// Removes every file that is not one of these. Returns how many there were.
    pub(crate) fn prune(&self, database: &Identifier, keep: &HashSet<String>) -> Result<u64, NodeError> {
        let base = self.folder(database);
        let mut count = 0;
        for folder in read_folder(&base)? {
            if !folder.is_dir() {
                continue;
            }
            for file in read_folder(&folder)? {
                let name = file.strip_prefix(&base).map(Path::to_string_lossy);
                if file.is_file() && !name.is_ok_and(|name| keep.contains(name.as_ref())) {
                    fs::remove_file(&file).map_err(NodeError::file("remove", &file))?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// Copies a filestore out of the folder of all filestores, for keeping.
    pub(crate) fn keep(&self, database: &Identifier, target: &Path) -> Result<Copied, NodeError> {
        make_folder(target, None)?;
        if self.exists(database) {
            copy_tree(&self.folder(database), target, None)
        } else {
            Ok(Copied::default())
        }
    }

    /// Who owns what is made here; only root can give folders away.
    fn owner(&self) -> Result<Option<(u32, u32)>, NodeError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let base = self
            .base
            .metadata()
            .map_err(NodeError::file("look at", &self.base))?;
        Ok(Some((base.uid(), base.gid())))
    }
}

/// A file of a filestore, by its path in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// When it came to be, or got its name, in seconds of the Unix epoch.
    pub(crate) since: i64,
}

impl Listed {
    /// As another node told it.
    pub(crate) fn sent(path: &str, bytes: u64) -> Self {
        Self {
            path: path.to_owned(),
            bytes,
            since: 0,
        }
    }
}

impl Filestores {
    /// Every file of a database, in order; none where there is no folder.
    pub(crate) fn list(&self, database: &Identifier) -> Result<Vec<Listed>, NodeError> {
        let base = self.folder(database);
        let mut found = Vec::new();
        list_into(&base, &base, &mut found)?;
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self, database: &Identifier) -> Result<u64, NodeError> {
        Ok(self.list(database)?.iter().map(|file| file.bytes).sum())
    }

    /// A folder that files come into.
    pub(crate) fn arrival(&self, database: &Identifier) -> Result<Arrival, NodeError> {
        Ok(Arrival {
            folder: self.folder(database),
            owner: self.owner()?,
        })
    }
}

/// A folder that files come into from another node.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    folder: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Arrival {
    /// Writes a file under a path that stays inside of the folder.
    pub(crate) fn write(&self, path: &str, content: &mut impl io::Read) -> Result<(), StepFailure> {
        let Some(parts) = inside(path) else {
            let path: String = path.chars().take(80).collect();
            let detail = format!("The stream holds a file that is none of Odoo's: {path:?}.");
            return Err(StepFailure::new(Code::CheckFailed, detail));
        };
        let mut folder = self.folder.clone();
        for part in parts.iter().take(parts.len() - 1) {
            folder.push(part);
            make_folder(&folder, self.owner)?;
        }
        let target = self.folder.join(path);
        let half = target.with_extension("tenantry-half");
        let mut file = fs::File::create(&half).map_err(NodeError::file("make", &half))?;
        io::copy(content, &mut file).map_err(|source| match source.kind() {
            // What is read from has nothing to do with it.
            ErrorKind::StorageFull => NodeError::file("write", &half)(source),
            _ => NodeError::Stream { source },
        })?;
        drop(file);
        chown_to(&half, self.owner)?;
        Ok(fs::rename(&half, &target).map_err(NodeError::file("rename", &half))?)
    }

    /// Makes the folder hold what the manifest says and nothing else.
    ///
    /// # Errors
    /// [`Code::CheckFailed`] when a file of the manifest is missing or of another size.
    pub(crate) fn settle(&self, manifest: &[Listed]) -> Result<(), StepFailure> {
        let mut found = Vec::new();
        list_into(&self.folder, &self.folder, &mut found)?;
        let there: std::collections::HashMap<&str, u64> =
            found.iter().map(|one| (one.path.as_str(), one.bytes)).collect();
        let missing = manifest
            .iter()
            .filter(|one| there.get(one.path.as_str()) != Some(&one.bytes));
        let missing = missing.count();
        if missing > 0 {
            let detail = format!(
                "{missing} of {} files did not come, or not whole.",
                manifest.len()
            );
            return Err(StepFailure::new(Code::CheckFailed, detail));
        }
        let wanted: HashSet<&str> = manifest.iter().map(|one| one.path.as_str()).collect();
        for stray in found.iter().filter(|one| !wanted.contains(one.path.as_str())) {
            let path = self.folder.join(&stray.path);
            fs::remove_file(&path).map_err(NodeError::file("remove", &path))?;
        }
        self.sync()
    }

    /// Has all of it on disk: the other copy may be gone before this machine is next without power.
    pub(crate) fn sync(&self) -> Result<(), StepFailure> {
        Ok(sync_file_system(&self.folder)?)
    }
}

/// The parts of a path that leads into a folder and not out of it: at most four plain words.
fn inside(path: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = path.split('/').collect();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let plain = |part: &&str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(known);
    (parts.len() <= 4 && parts.iter().all(plain)).then_some(parts)
}

fn list_into(base: &Path, folder: &Path, found: &mut Vec<Listed>) -> Result<(), NodeError> {
    for path in read_folder(folder)? {
        let metadata = match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            looked => looked.map_err(NodeError::file("look at", &path))?,
        };
        let name = path.strip_prefix(base).ok().and_then(Path::to_str);
        match name.filter(|name| inside(name).is_some()) {
            Some(_) if metadata.is_dir() => list_into(base, &path, found)?,
            Some(name) if metadata.is_file() && !name.ends_with(".tenantry-half") => found.push(Listed {
                path: name.to_owned(),
                bytes: metadata.len(),
                since: match metadata.nlink() {
                    1 => metadata.mtime().max(metadata.ctime()),
                    // Each clone of a template touches the other time of all files that it shares.
                    _ => metadata.mtime(),
                },
            }),
            _ => {}
        }
    }
    Ok(())
}

/// Two characters, a slash, the rest: as Odoo names files, and never a way out of the folder.
fn is_plain(file: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    file.split_once('/')
        .is_some_and(|(folder, name)| word(folder) && word(name))
}

/// How many of the files that a database names are not among the listed ones. A name that Odoo does not give is no file's.
pub(crate) fn count_missing(named: &[String], listed: &[Listed]) -> u64 {
    let there: HashSet<&str> = listed.iter().map(|file| file.path.as_str()).collect();
    let missing = named
        .iter()
        .filter(|name| is_plain(name) && !there.contains(name.as_str()));
    missing.count() as u64
}

/// What is in a folder; nothing if it is not there.
fn read_folder(folder: &Path) -> Result<Vec<PathBuf>, NodeError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(NodeError::file("read", folder)),
    }
}

fn make_folder(folder: &Path, owner: Option<(u32, u32)>) -> Result<(), NodeError> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(NodeError::file("make", folder)(error));
        }
        _ => {}
    }
    chown_to(folder, owner)
}

fn chown_to(path: &Path, owner: Option<(u32, u32)>) -> Result<(), NodeError> {
    let Some((user, group)) = owner else { return Ok(()) };
    chown(path, Some(user), Some(group)).map_err(NodeError::file("give away", path))
}

fn copy_tree(source: &Path, target: &Path, owner: Option<(u32, u32)>) -> Result<Copied, NodeError> {
    let mut copied = Copied::default();
    for entry in fs::read_dir(source).map_err(NodeError::file("read", source))? {
        let entry = entry.map_err(NodeError::file("read", source))?;
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        if entry.file_name() == NOTE {
            continue;
        }
        let kind = entry.file_type().map_err(NodeError::file("look at", &from))?;
        if kind.is_dir() {
            make_folder(&to, owner)?;
            let inner = copy_tree(&from, &to, owner)?;
            copied = Copied {
                files: copied.files + inner.files,
                bytes: copied.bytes + inner.bytes,
            };
        } else if kind.is_file() {
            copied.files += 1;
            copied.bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            link_or_copy(&from, &to, owner)?;
        }
    }
    Ok(copied)
}

fn link_or_copy(from: &Path, to: &Path, owner: Option<(u32, u32)>) -> Result<(), NodeError> {
    match fs::hard_link(from, to) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        // Removed by Odoo's garbage collector while we looked.
        Err(error) if error.kind() == ErrorKind::NotFound && !from.exists() => return Ok(()),
        // Another file system, too many links, or a file system without links: copy.
        Err(_) => {}
    }
    let half = to.with_extension("tenantry-half");
    fs::copy(from, &half).map_err(NodeError::file("copy", from))?;
    chown_to(&half, owner)?;
    fs::rename(&half, to).map_err(NodeError::file("rename", &half))
}
