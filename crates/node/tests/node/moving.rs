//! A tenant that goes to another node: what comes is what went, nobody is served from a copy, and a stream that was cut is
//! never taken for whole.

use crate::entry::{STANDING, USER};
use crate::place::{Place, done, failed, run, standing_of};
use domain::{TenantId, TransferId};
use node::{Carried, Carrier, CarryError, Incoming, Node, Standing};
use sqlx::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, DuplexStream};
use uuid::Uuid;
use wire::node::{CreateTenant, Order, ResumeTenant, Service, SetPassword, SuspendTenant};
use wire::transfer::{DiscardCopy, Part, ReceiveTenant, SendTenant, Shelf as Put, ShelveTenant};

/// In the place of the server: streams are files in a folder that both nodes know.
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    fn file(&self, transfer: TransferId) -> PathBuf {
        self.folder.join(format!("{transfer}.stream"))
    }
}

impl Carrier for Shelf {
    fn send(&self, transfer: TransferId, mut body: DuplexStream) -> Carried<'_, ()> {
        Box::pin(async move {
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).await.unwrap();
            fs::write(self.file(transfer), bytes).unwrap();
            Ok(())
        })
    }

    fn receive(&self, transfer: TransferId) -> Carried<'_, Incoming> {
        Box::pin(async move {
            match fs::read(self.file(transfer)) {
                Ok(bytes) => Ok(Box::new(std::io::Cursor::new(bytes)) as Incoming),
                Err(_) => Err(CarryError::Over),
            }
        })
    }
}

fn transfer() -> TransferId {
    TransferId::from_uuid(crate::place::command_id().uuid())
}

fn sending(made: &CreateTenant, transfer: TransferId, part: Part) -> Order {
    Order::SendTenant(SendTenant {
        tenant: made.tenant,
        database: made.database.clone(),
        transfer,
        part,
    })
}

fn receiving(made: &CreateTenant, transfer: TransferId, part: Part) -> Order {
    Order::ReceiveTenant(ReceiveTenant {
        tenant: made.tenant,
        database: made.database.clone(),
        transfer,
        part,
        base_url: made.base_url.clone(),
    })
}

fn shelving(made: &CreateTenant, shelf: Put) -> Order {
    Order::ShelveTenant(ShelveTenant {
        tenant: made.tenant,
        database: made.database.clone(),
        shelf,
    })
}

fn discarding(made: &CreateTenant, shelf: Put) -> Order {
    Order::DiscardCopy(DiscardCopy {
        tenant: made.tenant,
        database: made.database.clone(),
        shelf,
    })
}

const WHOLE: Part = Part::Whole { since: None };

/// An example for the tests of faults. What is received is received under another name, since there is one node.
pub async fn example(kind: &str, place: &Place, node: &Node, made: &CreateTenant) -> (Order, CreateTenant) {
    let id = transfer();
    let order = match kind {
        "shelve-tenant" => shelving(made, Put::Kept),
        "discard-copy" => {
            done(&run(node, shelving(made, Put::Kept)).await);
            discarding(made, Put::Kept)
        }
        "send-tenant" => {
            done(&run(node, shelving(made, Put::Maintenance)).await);
            sending(made, id, WHOLE)
        }
        _ => {
            done(&run(node, shelving(made, Put::Maintenance)).await);
            done(&run(node, sending(made, id, WHOLE)).await);
            let there = place.creation();
            return (receiving(&there, id, WHOLE), there);
        }
    };
    (order, made.clone())
}

/// Two nodes with a journal, folders and databases of their own, and a carrier between them. Their tenants' names differ only
/// because one cluster plays both: what goes as one arrives as the other.
struct Two {
    from: Place,
    source: Node,
    to: Place,
    target: Node,
}

impl Two {
    async fn ready() -> Self {
        let (from, source) = Place::ready().await;
        let mut to = Place::new().await;
        to.settings.work_dir = from.settings.work_dir.clone();
        let target = to.start().await;
        Self {
            from,
            source,
            to,
            target,
        }
    }

    /// What the tenant is called where it goes.
    fn there(&self, made: &CreateTenant) -> CreateTenant {
        let there = self.to.creation();
        CreateTenant {
            tenant: made.tenant,
            ..there
        }
    }
}

#[tokio::test]
async fn a_tenant_arrives_whole_and_shut_and_serves_when_it_is_opened() {
    let two = Two::ready().await;
    let made = two.from.created(&two.source).await;
    let (here, there) = (made.database.as_str().to_owned(), two.there(&made));
    let name = there.database.as_str();
    let mut inside = two.from.superuser(&here).await;
    for text in [
        "COMMENT ON TABLE res_partner IS 'Contacts'",
        "CREATE SCHEMA extra AUTHORIZATION odoo",
        "CREATE TABLE extra.note (id integer)",
        "ALTER TABLE extra.note OWNER TO odoo",
        "INSERT INTO extra.note VALUES (7)",
        "CREATE SCHEMA tenantry",
        "SET ROLE odoo",
        "SELECT lo_from_bytea(0, 'large')",
    ] {
        sqlx::query(text).execute(&mut inside).await.unwrap();
    }
    sqlx::raw_sql(USER).execute(&mut inside).await.unwrap();
    inside.close().await.unwrap();
    let first = transfer();
    let sent = done(&run(&two.source, sending(&made, first, Part::Files)).await)
        .sent
        .unwrap();
    let came = done(&run(&two.target, receiving(&there, first, Part::Files)).await)
        .received
        .unwrap();
    assert_eq!((&sent.sha256, sent.files), (&came.sha256, came.files));
    assert!(
        two.from.marker("active", &here)
            && standing_of(&two.target.inventory().await.unwrap(), made.tenant).is_some()
    );

    // What comes and goes meanwhile.
    let files = two.from.settings.filestore_dir.join(&here);
    fs::create_dir_all(files.join("cd")).unwrap();
    fs::write(files.join("cd/cdef01"), "new").unwrap();
    assert_eq!(
        failed(&run(&two.source, sending(&made, transfer(), WHOLE)).await),
        "tenant-shut"
    );
    let evidence = done(&run(&two.source, shelving(&made, Put::Maintenance)).await)
        .evidence
        .unwrap();
    assert!(!evidence.odoo_may_connect && two.from.marker("maintenance", &here));

    let second = transfer();
    let since = sent.began_at;
    let sent = done(&run(&two.source, sending(&made, second, Part::Whole { since })).await)
        .sent
        .unwrap();
    let came = done(&run(&two.target, receiving(&there, second, Part::Whole { since })).await)
        .received
        .unwrap();
    assert_eq!((&sent.sha256, sent.rows), (&came.sha256, came.rows));
    assert!(sent.rows > 0);
    let (_, standing) = standing_of(&two.target.inventory().await.unwrap(), made.tenant).unwrap();
    assert_eq!(standing, Standing::Arriving);
    assert!(two.to.as_odoo(name).await.is_err() && !two.to.marker("active", name));
    assert_eq!(two.to.owner(name).await.unwrap(), "tenantry_node");
    let there_files = two.to.settings.filestore_dir.join(name);
    assert_eq!(fs::read(there_files.join("cd/cdef01")).unwrap(), b"new");
    assert!(two.to.file(name).exists());
    assert_eq!(
        two.to.parameter(name, "web.base.url").await.unwrap(),
        there.base_url
    );
    for (query, wanted) in [
        ("SELECT obj_description('res_partner'::regclass)", "Contacts"),
        ("SELECT id::text FROM extra.note", "7"),
        (
            "SELECT tableowner::text FROM pg_tables WHERE tablename = 'res_users'",
            "odoo",
        ),
        (
            "SELECT convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata LIMIT 1",
            "large",
        ),
        (
            "SELECT count(*)::text FROM pg_namespace WHERE nspname = 'tenantry'",
            "0",
        ),
        // Nobody is inside here.
        (STANDING, "f f f f"),
    ] {
        assert_eq!(two.to.text(name, query).await.unwrap(), wanted, "{query}");
    }
    for key in ["database.uuid", "database.secret"] {
        assert_eq!(
            two.to.parameter(name, key).await,
            two.from.parameter(&here, key).await,
            "{key}"
        );
    }

    done(&run(&two.source, shelving(&made, Put::Kept)).await);
    assert!(
        ["active", "maintenance", "suspended"]
            .iter()
            .all(|kind| !two.from.marker(kind, &here))
    );
    let stale = Order::ResumeTenant(ResumeTenant {
        tenant: made.tenant,
        database: made.database.clone(),
    });
    assert_eq!(failed(&run(&two.source, stale).await), "tenant-unknown");
    let open = Order::ResumeTenant(ResumeTenant {
        tenant: made.tenant,
        database: there.database.clone(),
    });
    done(&run(&two.target, open).await);
    assert!(two.to.as_odoo(name).await.is_ok() && two.to.marker("active", name));
    done(&run(&two.source, discarding(&made, Put::Kept)).await);
    assert!(standing_of(&two.source.inventory().await.unwrap(), made.tenant).is_none());
    assert_eq!(
        two.from
            .footprint(&[&made])
            .await
            .iter()
            .filter(|line| line.contains(&here))
            .count(),
        0
    );
    // What is served is no copy.
    done(&run(&two.target, discarding(&there, Put::Arriving)).await);
    assert!(two.to.as_odoo(name).await.is_ok());
}

#[tokio::test]
async fn what_was_closed_stays_closed_in_its_own_way_and_comes_back_when_the_move_is_undone() {
    let two = Two::ready().await;
    let made = two.from.created(&two.source).await;
    let here = made.database.as_str().to_owned();
    let suspend = |database| {
        Order::SuspendTenant(SuspendTenant {
            tenant: made.tenant,
            database,
            reason: "unpaid".to_owned(),
            service: Service::Suspended,
            cause: None,
        })
    };
    done(&run(&two.source, suspend(made.database.clone())).await);
    done(&run(&two.source, shelving(&made, Put::Maintenance)).await);
    assert!(two.from.marker("suspended", &here) && !two.from.marker("maintenance", &here));
    let (there, id) = (two.there(&made), transfer());
    done(&run(&two.source, sending(&made, id, WHOLE)).await);
    done(&run(&two.target, receiving(&there, id, WHOLE)).await);
    done(&run(&two.source, shelving(&made, Put::Kept)).await);
    done(&run(&two.target, suspend(there.database.clone())).await);
    assert!(two.to.marker("suspended", there.database.as_str()));
    // Backwards.
    done(&run(&two.target, shelving(&there, Put::Arriving)).await);
    assert!(!two.to.marker("suspended", there.database.as_str()));
    done(&run(&two.source, shelving(&made, Put::Maintenance)).await);
    done(&run(&two.source, suspend(made.database.clone())).await);
    assert!(two.from.marker("suspended", &here) && two.from.file(&here).exists());
    done(&run(&two.target, discarding(&there, Put::Arriving)).await);
    assert!(two.to.owner(there.database.as_str()).await.is_none());
    assert!(
        !two.to
            .settings
            .filestore_dir
            .join(there.database.as_str())
            .exists()
    );
}

#[tokio::test]
async fn a_stream_that_was_cut_or_changed_leaves_nothing() {
    let two = Two::ready().await;
    let made = two.from.created(&two.source).await;
    let (there, id) = (two.there(&made), transfer());
    done(&run(&two.source, shelving(&made, Put::Maintenance)).await);
    done(&run(&two.source, sending(&made, id, WHOLE)).await);
    let before = two.to.footprint(&[&there]).await;
    let file = two.from.settings.work_dir.join(format!("{id}.stream"));
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    let middle = whole.len() / 2;
    changed[middle] ^= 1;
    for stream in [
        &whole[..0],
        &whole[..100],
        &whole[..middle],
        &whole[..whole.len() - 1],
        &changed,
    ] {
        fs::write(&file, stream).unwrap();
        let code = failed(&run(&two.target, receiving(&there, id, WHOLE)).await).to_owned();
        assert!(
            ["transfer-broken", "dump-failed"].contains(&code.as_str()),
            "{code} at {}",
            stream.len()
        );
        assert_eq!(two.to.footprint(&[&there]).await, before, "at {}", stream.len());
    }
    fs::write(&file, &whole).unwrap();
    done(&run(&two.target, receiving(&there, id, WHOLE)).await);
    // The source was killed before it learned that all of it came, and sends it once more.
    let arrived = two.to.footprint(&[&there]).await;
    done(&run(&two.target, receiving(&there, id, WHOLE)).await);
    assert_eq!(two.to.footprint(&[&there]).await, arrived);
    fs::write(&file, &whole[..middle]).unwrap();
    failed(&run(&two.target, receiving(&there, id, WHOLE)).await);
    done(&run(&two.target, discarding(&there, Put::Arriving)).await);
    assert_eq!(two.to.footprint(&[&there]).await, before);
}

#[tokio::test]
async fn a_file_that_is_missing_and_a_name_that_is_taken_are_refused() {
    let two = Two::ready().await;
    let made = two.from.created(&two.source).await;
    let (there, id) = (two.there(&made), transfer());
    done(&run(&two.source, shelving(&made, Put::Maintenance)).await);
    // It says that everything came with an earlier transfer that never was.
    let since = Some("2100-01-01T00:00:00Z".parse().unwrap());
    done(&run(&two.source, sending(&made, id, Part::Whole { since })).await);
    let outcome = run(&two.target, receiving(&there, id, Part::Whole { since })).await;
    assert_eq!(failed(&outcome), "check-failed");
    fs::create_dir_all(two.to.settings.filestore_dir.join(there.database.as_str())).unwrap();
    let outcome = run(&two.target, receiving(&there, id, WHOLE)).await;
    assert_eq!(failed(&outcome), "filestore-exists");
    let stranger = TenantId::from_uuid(Uuid::nil());
    let unknown = Order::SendTenant(SendTenant {
        tenant: stranger,
        database: made.database.clone(),
        transfer: id,
        part: Part::Files,
    });
    assert_eq!(failed(&run(&two.source, unknown).await), "tenant-unknown");
    let password = Order::SetPassword(SetPassword {
        tenant: made.tenant,
        database: there.database,
        password: crate::place::password("another good one"),
        sessions: wire::node::Sessions::Leave,
    });
    assert_eq!(failed(&run(&two.target, password).await), "tenant-unknown");
}
