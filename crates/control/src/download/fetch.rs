//! Somebody comes with a link: a node is told to send, and what became of it is written down.

use crate::backup::{BackupObstacle, refuse};
use crate::intent::Intent;
use crate::sealing::token_hash;
use crate::work::download::Send;
use crate::{Caller, Client, Control, ControlError, Crowd};
use domain::{Action, BackupState, NodeId, NodeName, OperationId, OperationKind, TransferId};
use jiff::SignedDuration;
use operations::Work;
use serde_json::json;
use store::{Actor, AuditEntry, DownloadRecord, NewFetch, NewOperation};
use wire::export::{DownloadView, FetchRequest};

/// Somebody waits for it.
const PRIORITY: i16 = 60;
/// How many a node sends at once; each takes a process and a core for as long as somebody takes it.
const AT_ONCE: i64 = 4;
/// What a server that was killed left open is not counted any more.
const STALE: SignedDuration = SignedDuration::from_hours(24);
const COME_AGAIN: u64 = 30;

/// What is about to be sent.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// Where the node sends it.
    pub transfer: TransferId,
    /// The name that the file gets.
    pub file_name: String,
    /// Its kind.
    pub content_type: &'static str,
    /// The operation that sends it.
    pub operation: OperationId,
    subdomain: domain::Subdomain,
    download: domain::DownloadId,
    skipped: u64,
}

/// What became of it.
#[derive(Clone, Copy, Debug)]
pub struct Fetched {
    /// Bytes that were sent.
    pub bytes: u64,
    /// Whether all of them were, to the end.
    pub is_whole: bool,
}

impl Control {
    /// What the link of this token is, for whoever has it.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`] for one that is unknown, used, over or taken back.
    pub async fn look_at_download(&self, token: &str) -> Result<DownloadView, ControlError> {
        let record = self.by_token(token).await?;
        let mut view = self.viewed(record, Vec::new());
        // Who made it is nobody's business who has it.
        view.by.clear();
        Ok(view)
    }

    async fn by_token(&self, token: &str) -> Result<DownloadRecord, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::Link);
        let found = scoped.download_by_token(&token_hash(token)).await?;
        let found = found.ok_or(ControlError::LinkOver)?;
        match self.download_state(&found) {
            "revoked" | "used" | "expired" => Err(ControlError::LinkOver),
            _ => Ok(found),
        }
    }

    /// Has a node send what the link of this token is to.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`]; [`crate::ConflictReason::BackupRefused`] while the backup is being taken, or when it is not whole;
    /// [`ControlError::Crowded`] when the node sends as much as it may.
    pub async fn begin_fetch(&self, client: &Client, request: &FetchRequest) -> Result<Fetch, ControlError> {
        let download = self.by_token(request.token.expose()).await?;
        if download.backup_state != BackupState::Kept {
            return Err(refuse(BackupObstacle::State(download.backup_state)));
        }
        let node = self.sender_of(&download).await?;
        if !self.known_orders(node).await?.contains("send-backup") {
            let name = self.name_of(node).await?;
            return Err(refuse(BackupObstacle::OldAgent(name)));
        }
        let now = self.world.now();
        let scoped = self.store.on_behalf_of(Actor::Link);
        if scoped.fetches_under_way(node, now - STALE).await? >= AT_ONCE {
            return Err(ControlError::Crowded(Crowd::Downloads, COME_AGAIN));
        }
        let skipped = request.offset.unwrap_or_default();
        let transfer = TransferId::from_uuid(self.world.uuid());
        let about = Send {
            download: download.id,
            backup: download.backup,
            node,
            transfer,
            wanted: download.wanted.clone(),
            skip: skipped,
        };
        let caller = Caller::link(client.request_id.clone());
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        let tenant = unit
            .tenant_exists(download.tenant)
            .await?
            .then_some(download.tenant);
        let (kind, subject) = (OperationKind::SendBackup, download.backup.to_string());
        let operation = OperationId::from_uuid(self.world.uuid());
        let new = NewOperation {
            id: operation,
            kind,
            tenant,
            subject: &subject,
            intent: serde_json::to_value(Intent::Saga).map_err(ControlError::internal)?,
            node: Some(node),
            parent: None,
            idempotency_key: None,
            request_hash: None,
            now,
        };
        let about = serde_json::to_value(about).map_err(ControlError::internal)?;
        let mut work = Work::new(kind.as_str(), 1, about);
        work.priority = PRIORITY;
        self.begin_saga(&mut unit, &caller, new, work).await?;
        let address = client.address.map(|address| address.to_string());
        let new = NewFetch {
            id: transfer,
            download: download.id,
            operation,
            node,
            address: address.as_deref(),
            skipped: i64::try_from(skipped).unwrap_or(i64::MAX),
            now,
        };
        if !unit.begin_fetch(&new).await? {
            return Err(ControlError::LinkOver);
        }
        unit.commit().await?;
        Ok(Fetch {
            transfer,
            content_type: content_type(&download.file_name),
            file_name: download.file_name,
            operation,
            subdomain: download.subdomain,
            download: download.id,
            skipped,
        })
    }

    /// The node that reaches the backup.
    async fn sender_of(&self, download: &DownloadRecord) -> Result<NodeId, ControlError> {
        let system = Caller::system();
        let backup = self
            .backup_record(&system, Action::DownloadBackup, download.backup)
            .await?;
        let store = self.backup_store_by_id(backup.store).await?;
        let mut unit = self.store.on_behalf_of(Actor::System).begin().await?;
        self.reader_of(&mut unit, &backup, &store).await
    }

    async fn name_of(&self, id: NodeId) -> Result<NodeName, ControlError> {
        let nodes = self.store.on_behalf_of(Actor::System).nodes().await?;
        let found = nodes.into_iter().find(|node| node.id == id);
        found.map(|node| node.name).ok_or(ControlError::NotFound("node"))
    }

    /// Writes down what became of it. Whoever took it to its end has used the link.
    ///
    /// # Errors
    /// As for any statement.
    pub async fn end_fetch(&self, fetch: &Fetch, fetched: Fetched) -> Result<(), ControlError> {
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(Actor::Link).begin().await?;
        let bytes = i64::try_from(fetched.bytes).unwrap_or(i64::MAX);
        unit.end_fetch(fetch.transfer, bytes, fetched.is_whole, now)
            .await?;
        unit.audit(AuditEntry {
            at: now,
            action: "download.fetch",
            subject: fetch.subdomain.as_str(),
            operation: Some(fetch.operation),
            request_id: None,
            detail: json!({
                "download": fetch.download, "file": fetch.file_name, "bytes": fetched.bytes, "skipped": fetch.skipped,
                "whole": fetched.is_whole,
            }),
        })
        .await?;
        Ok(unit.commit().await?)
    }
}

fn content_type(file_name: &str) -> &'static str {
    match file_name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("zip") => "application/zip",
        Some("csv") => "text/csv; charset=utf-8",
        Some("sql") => "application/sql",
        _ => "application/octet-stream",
    }
}
