//! Backups in a folder: what is restored is what was there, whatever happened since; what was changed in the store is found; what a
//! backup needs stays as long as it does.

use crate::place::{OWNER, Place, command_id, done, failed, run, standing_of};
use crate::tenant_life::delete;
use age::secrecy::ExposeSecret;
use domain::{BackupId, BackupKind, TenantId, TransferId};
use node::{Node, Standing};
use sqlx::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use wire::Plaintext;
use wire::backup::{
    BackUpTenant, BackupKeys, Kept, Proof, Proven, PruneBackups, RestoreTenant, StoreAccess, VerifyBackup,
};
use wire::export::{Form, SendBackup};
use wire::node::{CreateTenant, Order, PurgeTenant, Service, SuspendTenant};

/// The keys of one tenant.
pub struct Keys {
    identity: age::x25519::Identity,
}

impl Keys {
    pub fn new() -> Self {
        Self {
            identity: age::x25519::Identity::generate(),
        }
    }

    pub fn sent(&self) -> Option<Plaintext> {
        let keys = BackupKeys {
            identity: self.identity.to_string().expose_secret().to_owned(),
            secret_key: None,
        };
        Some(Plaintext::new(serde_json::to_string(&keys).unwrap()))
    }

    pub fn back_up(&self, made: &CreateTenant, backup: BackupId, base: Option<BackupId>) -> Order {
        Order::BackUpTenant(BackUpTenant {
            product: None,
            tenant: made.tenant,
            database: made.database.clone(),
            backup,
            why: BackupKind::Manual,
            by: "system".to_owned(),
            base,
            store: StoreAccess::Folder,
            recipients: vec![self.identity.to_public().to_string()],
            keys: self.sent(),
        })
    }

    pub fn verify(&self, tenant: TenantId, taken: &Taken, proof: Proof) -> Order {
        Order::VerifyBackup(VerifyBackup {
            tenant,
            backup: taken.id,
            manifest_sha256: taken.kept.manifest_sha256.clone(),
            store: StoreAccess::Folder,
            keys: self.sent(),
            proof,
        })
    }

    pub fn restore(&self, to: &CreateTenant, from: TenantId, taken: &Taken) -> RestoreTenant {
        RestoreTenant {
            tenant: to.tenant,
            database: to.database.clone(),
            from,
            backup: taken.id,
            manifest_sha256: taken.kept.manifest_sha256.clone(),
            store: StoreAccess::Folder,
            keys: self.sent(),
            base_url: to.base_url.clone(),
            service: Service::Open,
            quiet: false,
        }
    }

    pub fn prune(&self, tenant: TenantId, keep: &[&Taken]) -> Order {
        Order::PruneBackups(PruneBackups {
            tenant,
            keep: keep.iter().map(|taken| taken.id).collect(),
            up_to: backup_id(),
            store: StoreAccess::Folder,
            keys: self.sent(),
        })
    }

    pub async fn taken(&self, node: &Node, made: &CreateTenant, base: Option<&Taken>) -> Taken {
        let id = backup_id();
        let order = self.back_up(made, id, base.map(|base| base.id));
        let kept = done(&run(node, order).await).kept.unwrap();
        Taken { id, kept: *kept }
    }
}

impl Keys {
    /// The last one of a tombstone.
    async fn last(&self, node: &Node, made: &CreateTenant) -> Taken {
        let id = backup_id();
        let Order::BackUpTenant(order) = self.back_up(made, id, None) else {
            unreachable!("it is an order for a backup");
        };
        let last = Order::BackUpTenant(BackUpTenant {
            why: BackupKind::Final,
            ..order
        });
        let kept = done(&run(node, last).await).kept.unwrap();
        Taken { id, kept: *kept }
    }
}

/// A backup that was taken.
pub struct Taken {
    pub id: BackupId,
    pub kept: Kept,
}

pub fn backup_id() -> BackupId {
    BackupId::from_uuid(command_id().uuid())
}

/// An example for the tests of faults.
pub async fn example(kind: &str, place: &Place, node: &Node, made: &CreateTenant) -> Order {
    let keys = Keys::new();
    attach(place, made, b"one").await;
    if kind == "back-up-tenant" {
        return keys.back_up(made, backup_id(), None);
    }
    let taken = keys.taken(node, made, None).await;
    attach(place, made, b"two").await;
    match kind {
        "verify-backup" => keys.verify(made.tenant, &taken, Proof::Restore),
        "restore-tenant" => Order::RestoreTenant(keys.restore(made, made.tenant, &taken)),
        _ => {
            let next = keys.taken(node, made, Some(&taken)).await;
            let last = keys.taken(node, made, Some(&next)).await;
            keys.prune(made.tenant, &[&last])
        }
    }
}

/// A backup of the tenant, to be sent somewhere.
pub async fn sending(place: &Place, node: &Node, made: &CreateTenant) -> SendBackup {
    let keys = Keys::new();
    attach(place, made, b"one").await;
    let taken = keys.taken(node, made, None).await;
    SendBackup {
        tenant: made.tenant,
        backup: taken.id,
        manifest_sha256: taken.kept.manifest_sha256.clone(),
        store: StoreAccess::Folder,
        keys: keys.sent(),
        transfer: TransferId::from_uuid(command_id().uuid()),
        wanted: Form::Dump,
        skip: 0,
    }
}

/// The name that Odoo gives to a file of this content: two characters of its SHA-1, a slash, all of it.
pub fn file_name(content: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, content);
    let name = hex::encode(digest);
    format!("{}/{name}", &name[..2])
}

/// Stores a file as Odoo does: under the SHA-1 of its content, then the row that names it.
pub async fn attach(place: &Place, made: &CreateTenant, content: &[u8]) -> PathBuf {
    let path = file_name(content);
    let file = place
        .settings
        .filestore_dir
        .join(made.database.as_str())
        .join(&path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, content).unwrap();
    let mut inside = place.superuser(made.database.as_str()).await;
    sqlx::query("INSERT INTO ir_attachment (name, store_fname) VALUES ('file', $1)")
        .bind(path)
        .execute(&mut inside)
        .await
        .unwrap();
    inside.close().await.unwrap();
    file
}

pub async fn change(place: &Place, made: &CreateTenant, text: &'static str) {
    let mut inside = place.superuser(made.database.as_str()).await;
    sqlx::raw_sql("SET ROLE odoo").execute(&mut inside).await.unwrap();
    sqlx::raw_sql(text).execute(&mut inside).await.unwrap();
    inside.close().await.unwrap();
}

pub fn objects(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(objects(&path)),
            false if path.ends_with(OWNER) => {}
            false => found.push(path),
        }
    }
    found.sort();
    found
}

const COUNT: &str = "SELECT count(*)::text FROM ir_attachment";

#[tokio::test]
async fn what_was_broken_comes_back_as_it_was_and_nothing_is_left_of_what_was_there() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let name = made.database.as_str();
    let file = attach(&place, &made, b"a contract").await;
    let taken = keys.taken(&node, &made, None).await;
    assert!(taken.kept.files >= 2 && taken.kept.rows["ir_attachment"] >= 2);

    fs::remove_file(&file).unwrap();
    let late = attach(&place, &made, b"written later").await;
    change(
        &place,
        &made,
        "DROP TABLE res_country CASCADE; DELETE FROM ir_attachment",
    )
    .await;
    let secret = place.parameter(name, "database.secret").await;
    let order = keys.restore(&made, made.tenant, &taken);
    let facts = done(&run(&node, Order::RestoreTenant(order)).await);
    let restored = facts.restored.unwrap();
    assert!(restored.stop_ms.is_some() && restored.files == taken.kept.files);
    assert_eq!(fs::read(&file).unwrap(), b"a contract");
    assert!(!late.exists());
    assert_eq!(
        place.text(name, COUNT).await.unwrap(),
        taken.kept.rows["ir_attachment"].to_string()
    );
    assert!(
        place
            .text(name, "SELECT to_regclass('res_country')::text")
            .await
            .is_some()
    );
    assert_eq!(place.parameter(name, "database.secret").await, secret);
    assert!(place.as_odoo(name).await.is_ok() && place.marker("active", name));
    // The other one is dropped as soon as the order is done, or with the next start.
    drop(node);
    let node = place.start().await;
    let inventory = node.inventory().await.unwrap();
    let of = |one: &&node::Managed| one.subject == node::Subject::Tenant(made.tenant);
    assert_eq!(inventory.iter().filter(of).count(), 1);
    assert_eq!(standing_of(&inventory, made.tenant).unwrap().1, Standing::Open);
    // What is done with it afterwards knows its folder as its own.
    done(
        &run(
            &node,
            Order::DeleteTenant(wire::node::DeleteTenant {
                tenant: made.tenant,
                database: made.database.clone(),
            }),
        )
        .await,
    );
    assert!(!file.exists());
}

#[tokio::test]
async fn a_tombstone_has_one_last_backup_of_which_a_tenant_can_be_made() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    attach(&place, &made, b"a contract").await;
    let rows = place.text(made.database.as_str(), COUNT).await;
    let delete = Order::DeleteTenant(wire::node::DeleteTenant {
        tenant: made.tenant,
        database: made.database.clone(),
    });
    done(&run(&node, delete).await);
    let id = backup_id();
    assert_eq!(
        failed(&run(&node, keys.back_up(&made, id, None)).await),
        "tenant-unknown"
    );
    let taken = keys.last(&node, &made).await;
    let there = place.creation();
    let order = keys.restore(&there, made.tenant, &taken);
    done(&run(&node, Order::RestoreTenant(order)).await);
    assert_eq!(place.text(there.database.as_str(), COUNT).await, rows);
}

#[tokio::test]
async fn a_new_tenant_of_a_backup_is_another_one_and_does_not_write_to_the_old_one_s_customers() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    change(
        &place,
        &made,
        "CREATE TABLE ir_mail_server (id int, active boolean); INSERT INTO ir_mail_server VALUES (1, true)",
    )
    .await;
    let taken = keys.taken(&node, &made, None).await;
    let there = place.creation();
    let order = RestoreTenant {
        quiet: true,
        ..keys.restore(&there, made.tenant, &taken)
    };
    let facts = done(&run(&node, Order::RestoreTenant(order)).await);
    assert!(facts.restored.unwrap().stop_ms.is_none());
    let name = there.database.as_str();
    for key in ["database.uuid", "database.secret", "web.base.url"] {
        let (one, other) = (
            place.parameter(name, key).await.unwrap(),
            place.parameter(made.database.as_str(), key).await.unwrap(),
        );
        assert_ne!(one, other, "{key}");
    }
    assert_eq!(
        place
            .text(name, "SELECT active::text FROM ir_mail_server")
            .await
            .unwrap(),
        "false"
    );
    assert!(place.file(name).exists() && place.marker("active", name));
    assert!(place.marker("active", made.database.as_str()));
}

#[tokio::test]
async fn files_that_the_store_has_are_not_sent_again_and_stay_as_long_as_a_backup_needs_them() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    attach(&place, &made, &[7; 100_000]).await;
    let first = keys.taken(&node, &made, None).await;
    attach(&place, &made, b"new").await;
    let second = keys.taken(&node, &made, Some(&first)).await;
    assert_eq!(
        (second.kept.new_files, second.kept.files),
        (1, first.kept.files + 1)
    );
    let third = keys.taken(&node, &made, Some(&second)).await;
    assert_eq!(third.kept.new_files, 0);

    let pruned = done(&run(&node, keys.prune(made.tenant, &[&third])).await)
        .pruned
        .unwrap();
    assert!(pruned.objects >= 4, "{pruned:?}");
    assert_eq!(
        failed(&run(&node, keys.verify(made.tenant, &first, Proof::Read)).await),
        "backup-missing"
    );
    let proven = done(&run(&node, keys.verify(made.tenant, &third, Proof::Restore)).await);
    assert_eq!(proven.proven.unwrap().files, third.kept.files);
    let again = done(&run(&node, keys.prune(made.tenant, &[&third])).await)
        .pruned
        .unwrap();
    assert_eq!(again.objects, 0);
    done(&run(&node, keys.prune(made.tenant, &[])).await);
    assert!(objects(&place.settings.backups_dir).is_empty());
}

#[tokio::test]
async fn what_was_changed_cut_or_taken_from_the_store_is_found_and_never_restored() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    attach(&place, &made, b"a contract").await;
    let taken = keys.taken(&node, &made, None).await;
    let Proven { bytes, .. } = *done(&run(&node, keys.verify(made.tenant, &taken, Proof::Read)).await)
        .proven
        .unwrap();
    assert!(bytes > 0);
    let before = place.footprint(&[&made]).await;
    for object in objects(&place.settings.backups_dir) {
        let whole = fs::read(&object).unwrap();
        for place_of in [0, 30, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[place_of] ^= 1;
            fs::write(&object, flipped).unwrap();
            let outcome = run(&node, keys.verify(made.tenant, &taken, Proof::Read)).await;
            assert_eq!(
                failed(&outcome),
                "backup-damaged",
                "{} at {place_of}",
                object.display()
            );
        }
        fs::write(&object, &whole[..whole.len() - 1]).unwrap();
        for order in [
            keys.verify(made.tenant, &taken, Proof::Restore),
            Order::RestoreTenant(keys.restore(&made, made.tenant, &taken)),
        ] {
            assert_eq!(
                failed(&run(&node, order).await),
                "backup-damaged",
                "{}",
                object.display()
            );
        }
        fs::remove_file(&object).unwrap();
        let order = Order::RestoreTenant(keys.restore(&made, made.tenant, &taken));
        assert_eq!(
            failed(&run(&node, order).await),
            "backup-missing",
            "{}",
            object.display()
        );
        fs::write(&object, whole).unwrap();
    }
    assert_eq!(place.footprint(&[&made]).await, before);
    let other = Keys::new();
    let outcome = run(&node, other.verify(made.tenant, &taken, Proof::Read)).await;
    assert_eq!(failed(&outcome), "backup-key-wrong");
}

#[tokio::test]
async fn a_suspended_tenant_is_backed_up_and_restored_and_stays_suspended() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let name = made.database.as_str();
    done(
        &run(
            &node,
            Order::SuspendTenant(SuspendTenant {
                tenant: made.tenant,
                database: made.database.clone(),
                reason: "unpaid".to_owned(),
                service: Service::Suspended,
                cause: None,
            }),
        )
        .await,
    );
    let taken = keys.taken(&node, &made, None).await;
    let order = RestoreTenant {
        service: Service::Suspended,
        ..keys.restore(&made, made.tenant, &taken)
    };
    done(&run(&node, Order::RestoreTenant(order)).await);
    assert!(place.marker("suspended", name) && !place.marker("active", name));
    assert!(place.as_odoo(name).await.is_err());
    // Restored as one that is open, it does not say that it is suspended.
    let order = keys.restore(&made, made.tenant, &taken);
    done(&run(&node, Order::RestoreTenant(order)).await);
    assert_eq!(
        place.parameter(name, "tenant.suspended").await.as_deref(),
        Some("false")
    );
    assert!(place.marker("active", name) && place.as_odoo(name).await.is_ok());
}

#[tokio::test]
async fn a_file_that_is_not_what_its_name_says_is_kept_as_it_is() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let file = attach(&place, &made, b"what was written").await;
    // As a disk that was full leaves it.
    fs::write(&file, b"half").unwrap();
    let first = keys.taken(&node, &made, None).await;
    done(&run(&node, keys.verify(made.tenant, &first, Proof::Restore)).await);
    fs::write(&file, b"else").unwrap();
    let second = keys.taken(&node, &made, Some(&first)).await;
    assert_eq!(
        second.kept.new_files, 1,
        "what cannot be told by its name is sent again"
    );
    for (taken, content) in [(first, "half"), (second, "else")] {
        done(&run(&node, keys.verify(made.tenant, &taken, Proof::Read)).await);
        let order = keys.restore(&made, made.tenant, &taken);
        done(&run(&node, Order::RestoreTenant(order)).await);
        assert_eq!(fs::read_to_string(&file).unwrap(), content);
    }
}

#[tokio::test]
async fn files_that_are_named_and_not_there_hinder_no_backup_and_are_counted() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    let file = attach(&place, &made, b"a contract").await;
    // What is no name of a file is missed by nobody.
    change(
        &place,
        &made,
        "INSERT INTO ir_attachment (name, store_fname) VALUES ('odd', '../../x'), ('odd', '/etc/passwd'), ('odd', '')",
    )
    .await;
    let whole = keys.taken(&node, &made, None).await;
    assert_eq!(whole.kept.files_missing, 0);
    fs::remove_file(&file).unwrap();
    let lacking = keys.taken(&node, &made, Some(&whole)).await;
    assert_eq!(lacking.kept.files_missing, 1);
    assert_eq!(lacking.kept.files, whole.kept.files - 1);
    assert!(lacking.kept.taken_at.unwrap() > whole.kept.taken_at.unwrap());
    done(&run(&node, keys.verify(made.tenant, &lacking, Proof::Restore)).await);
}

#[tokio::test]
async fn what_has_a_last_backup_is_dropped_without_a_dump_and_comes_back_from_it() {
    let (place, node) = Place::ready().await;
    let (made, keys) = (place.created(&node).await, Keys::new());
    attach(&place, &made, b"a contract").await;
    done(&run(&node, delete(&made)).await);
    let taken = keys.last(&node, &made).await;
    let purge = Order::PurgeTenant(PurgeTenant {
        tenant: made.tenant,
        database: made.database.clone(),
        last_backup: Some(taken.id),
    });
    // Once more, as when its end was not heard of.
    for _ in 0..2 {
        let facts = done(&run(&node, purge.clone()).await);
        assert_eq!(facts.kept_at, Some(taken.id.to_string()));
        assert!(objects(&place.settings.dumps_dir).is_empty());
    }
    let there = place.creation();
    let order = keys.restore(&there, made.tenant, &taken);
    done(&run(&node, Order::RestoreTenant(order)).await);
    assert_eq!(
        place.text(there.database.as_str(), COUNT).await.as_deref(),
        Some("2")
    );
}
