//! Writes a backup: the dump, the files that the store does not have, the manifest.

use crate::backup::manifest::{self, FileEntry, Manifest, Stored};
use crate::backup::sealing::{Key, Recipients};
use crate::backup::snapshot::Snapshot;
use crate::backup::store::Store;
use crate::backup::{archive, folder, tenant_folder};
use crate::clock;
use crate::copy;
use crate::error::{NodeError, StepFailure};
use crate::filestore::Listed;
use crate::room::Room;
use crate::run::Run;
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::Path;
use tokio::time::Instant;
use wire::backup::{BackUpTenant, Kept, StoreAccess};

/// How strongly dumps are compressed.
const DUMP_LEVEL: i32 = 3;

/// What writing needs.
pub(crate) struct Writer<'a> {
    pub(crate) room: &'a Room,
    pub(crate) store: &'a Store,
    pub(crate) order: &'a BackUpTenant,
    pub(crate) recipients: &'a Recipients,
    pub(crate) key: &'a Key,
}

/// The files of a backup and the archives that they are in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    pub(crate) entries: Vec<FileEntry>,
    pub(crate) archives: Vec<Stored>,
    new_files: u64,
    new_bytes: u64,
}

impl Writer<'_> {
    /// Dumps the database into the store.
    pub(crate) async fn dump(&self, snapshot: &Snapshot) -> Result<Stored, StepFailure> {
        let object = format!(
            "{}/database.dump.zst.age",
            folder(self.order.tenant, self.order.backup)
        );
        let (child, pipe) = snapshot.dump(self.room)?;
        let recipients = self.recipients.clone();
        let writing = self.store.write(self.room, &object, move |to| {
            let cut = |source| NodeError::Stream { source };
            let mut sealed = recipients.seal(to, DUMP_LEVEL).map_err(cut)?;
            let copied = match pipe {
                Some(mut pipe) => io::copy(&mut pipe, &mut sealed).map_err(cut)?,
                None => 0,
            };
            sealed.finish().map_err(cut)?.flush().map_err(cut)?;
            Ok(copied)
        });
        let (written, dumped) = tokio::join!(writing, child.wait_with_output());
        let dumped = dumped.map_err(NodeError::file("run", Path::new("pg_dump")))?;
        // A store that gave up is the cause of what pg_dump met then.
        let (plain_bytes, written) = written?;
        if !dumped.status.success() {
            self.store.remove(&object).await?;
            let words = String::from_utf8_lossy(&dumped.stderr);
            return Err(copy::failed("pg_dump", words.lines().next().unwrap_or_default()));
        }
        Ok(Stored {
            object,
            bytes: written.bytes,
            sha256: written.sha256,
            plain_bytes,
        })
    }

    /// Writes the files that the store does not have. Says on the way how far it is.
    pub(crate) async fn files(
        &self,
        run: &Run<'_>,
        links: &Path,
        files: &[Listed],
    ) -> Result<Files, StepFailure> {
        let mut result = Files::default();
        let known = self.known(&mut result).await?;
        let (old, new): (Vec<&Listed>, Vec<&Listed>) = files
            .iter()
            .partition(|file| known.contains_key(&(file.path.clone(), file.bytes)));
        for file in old {
            let archive = known.get(&(file.path.clone(), file.bytes)).copied();
            result
                .entries
                .push(entry(file, archive.unwrap_or_default(), None));
        }
        let new: Vec<Listed> = new.into_iter().cloned().collect();
        let total: u64 = new.iter().map(|file| file.bytes).sum();
        let mut done = 0;
        for (index, portion) in archive::portions(&new).into_iter().enumerate() {
            let object = format!(
                "{}/files-{:06}.tar.zst.age",
                folder(self.order.tenant, self.order.backup),
                index + 1
            );
            let (odd, stored) = self.archive(object, links, portion).await?;
            done += stored.plain_bytes;
            run.note(format!("{} of {} bytes of new files", done, total));
            let number = result.archives.len();
            result.new_bytes += stored.bytes;
            result.new_files += portion.len() as u64;
            result.archives.push(stored);
            let entries = portion.iter().zip(odd);
            result
                .entries
                .extend(entries.map(|(file, sha1)| entry(file, number, sha1)));
        }
        result.forget_unused();
        let odd = |file: &&FileEntry| file.sha1.is_some() && archive::said(&file.path).is_some();
        let odd = match result.entries.iter().filter(odd).count() {
            0 => String::new(),
            odd => format!("; {odd} are not what their names say, and are kept as they are"),
        };
        run.note(format!(
            "{} files, {} of them new ({total} bytes){odd}",
            result.entries.len(),
            result.new_files
        ));
        Ok(result)
    }

    async fn archive(
        &self,
        object: String,
        links: &Path,
        portion: &[Listed],
    ) -> Result<(Vec<Option<String>>, Stored), StepFailure> {
        let (recipients, links, portion) = (self.recipients.clone(), links.to_owned(), portion.to_vec());
        let plain_bytes = portion.iter().map(|file| file.bytes).sum();
        let writing = self.store.write(self.room, &object, move |to| {
            archive::write(to, &recipients, &links, &portion)
        });
        let (odd, written) = writing.await?;
        let stored = Stored {
            object,
            bytes: written.bytes,
            sha256: written.sha256,
            plain_bytes,
        };
        Ok((odd, stored))
    }

    /// The files of the newest backup, as far as their archives are in the store still, and their content is what their names say.
    /// A backup that cannot be read is no reason to have none: everything is sent again.
    async fn known(&self, result: &mut Files) -> Result<HashMap<(String, u64), usize>, StepFailure> {
        let mut known = HashMap::new();
        let Some(base) = self.order.base else {
            return Ok(known);
        };
        let found = Manifest::get(self.store, self.key, (self.order.tenant, base), None).await;
        let base = match found {
            Ok(base) => base,
            Err(failure) => {
                tracing::warn!(
                    failure = crate::error::chain(&failure),
                    "the backup before cannot be built upon"
                );
                return Ok(known);
            }
        };
        let there: HashMap<String, u64> = self
            .store
            .list(&tenant_folder(self.order.tenant))
            .await?
            .into_iter()
            .map(|one| (one.name, one.bytes))
            .collect();
        let mut numbers = HashMap::new();
        for (old, archive) in base.archives.into_iter().enumerate() {
            if there.get(&archive.object) == Some(&archive.bytes) {
                numbers.insert(old, result.archives.len());
                result.archives.push(archive);
            }
        }
        let sure = |file: &FileEntry| file.sha1.is_none() && archive::said(&file.path).is_some();
        for file in base.files.into_iter().filter(sure) {
            if let Some(number) = numbers.get(&file.archive) {
                known.insert((file.path, file.bytes), *number);
            }
        }
        Ok(known)
    }

    /// Writes the manifest, with which the backup is there.
    pub(crate) async fn manifest(
        &self,
        snapshot: &Snapshot,
        dump: Stored,
        files: Files,
        begun: Instant,
    ) -> Result<Kept, StepFailure> {
        let order = self.order;
        let manifest = Manifest {
            form: Manifest::form(),
            backup: order.backup,
            tenant: order.tenant,
            database: order.database.clone(),
            taken_at: snapshot.taken_at,
            why: order.why,
            by: order.by.clone(),
            product: order.product.clone().unwrap_or_else(|| "odoo".to_owned()),
            odoo_version: snapshot.odoo_version.clone(),
            modules: snapshot.modules.clone(),
            tools: BTreeMap::from([
                ("tenantry".to_owned(), self.room.settings.version.clone()),
                ("postgresql".to_owned(), snapshot.server_version.clone()),
                ("pg_dump".to_owned(), copy::version(self.room, "pg_dump").await?),
                ("zstd".to_owned(), zstd::zstd_safe::version_string().to_owned()),
                ("age".to_owned(), "age-encryption.org/v1".to_owned()),
            ]),
            head: snapshot.head.clone(),
            dump,
            archives: files.archives,
            files: files.entries,
            files_missing: snapshot.files_missing,
            database_bytes: Some(snapshot.database_bytes),
        };
        let (manifest_sha256, bytes) = manifest.put(self.store, self.recipients).await?;
        self.lock(&manifest).await?;
        Ok(Kept {
            manifest_sha256,
            database_bytes: manifest.dump.plain_bytes,
            files: manifest.files.len() as u64,
            file_bytes: manifest.file_bytes(),
            new_files: files.new_files,
            stored_bytes: manifest.dump.bytes + files.new_bytes + bytes,
            rows: manifest.head.rows,
            odoo_version: manifest.odoo_version,
            taken_at: Some(manifest.taken_at),
            files_missing: manifest.files_missing,
            milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// Locks everything that the backup is made of, what it shares with earlier ones, too, where the store is to lock it.
    async fn lock(&self, manifest: &Manifest) -> Result<(), StepFailure> {
        let days = match &self.order.store {
            StoreAccess::S3(s3) if s3.lock_days > 0 => i64::from(s3.lock_days),
            _ => return Ok(()),
        };
        let until = clock::now() + SignedDuration::from_hours(24 * days);
        let until = until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let name = manifest::name(manifest.tenant, manifest.backup);
        let archives = manifest.archives.iter().map(|archive| archive.object.as_str());
        for object in archives.chain([manifest.dump.object.as_str(), name.as_str()]) {
            self.store.lock(object, &until).await?;
        }
        Ok(())
    }

    /// Removes what was written of a backup that does not come to be. What cannot be removed now goes with the next pruning.
    pub(crate) async fn give_up(&self) {
        let (tenant, backup) = (self.order.tenant, self.order.backup);
        if let Err(failure) = remove(self.store, tenant, backup).await {
            tracing::warn!(%backup, failure = crate::error::chain(&failure), "a backup that failed is left for pruning");
        }
    }
}

/// Removes a backup's folder, the manifest first.
pub(crate) async fn remove(
    store: &Store,
    tenant: domain::TenantId,
    backup: domain::BackupId,
) -> Result<(), StepFailure> {
    let name = manifest::name(tenant, backup);
    // What is not there is not removed: a bucket that keeps every version would note that it is not.
    let mut objects = store.list(&folder(tenant, backup)).await?;
    objects.sort_by_key(|object| object.name != name);
    for object in &objects {
        store.remove(&object.name).await?;
    }
    store.clear_unfinished(&folder(tenant, backup), |_| true).await
}

fn entry(file: &Listed, archive: usize, sha1: Option<String>) -> FileEntry {
    FileEntry {
        path: file.path.clone(),
        bytes: file.bytes,
        archive,
        sha1,
    }
}

impl Files {
    /// An archive of which no file is there any more is not this backup's.
    fn forget_unused(&mut self) {
        let mut numbers = HashMap::new();
        let mut used = Vec::new();
        for entry in &mut self.entries {
            let number = *numbers.entry(entry.archive).or_insert_with(|| {
                used.extend(self.archives.get(entry.archive).cloned());
                used.len().saturating_sub(1)
            });
            entry.archive = number;
        }
        self.archives = used;
        self.entries.sort_by(|one, other| one.path.cmp(&other.path));
    }
}
