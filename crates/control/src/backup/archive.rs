//! Archives of nodes' PostgreSQL that do not do what they are there for, as the nodes told.

use crate::{Control, ControlError};
use domain::NodeName;
use store::Actor;
use wire::backups::ArchiveTrouble;
use wire::node::Observed;
use wire::point_in_time::PointInTimeView;

impl Control {
    /// What each node that keeps an archive last told of it.
    pub(crate) async fn archives(&self) -> Result<Vec<(NodeName, PointInTimeView)>, ControlError> {
        let scoped = self.store.on_behalf_of(Actor::System);
        let mut found = Vec::new();
        for node in scoped.nodes().await? {
            let said = scoped.node_observed(node.id).await?;
            let observed = said.and_then(|(said, _)| serde_json::from_value::<Observed>(said).ok());
            if let Some(archive) = observed.and_then(|observed| observed.point_in_time) {
                found.push((node.name, archive));
            }
        }
        Ok(found)
    }

    /// Those that are broken.
    pub(crate) async fn broken_archives(&self) -> Result<Vec<ArchiveTrouble>, ControlError> {
        let archives = self.archives().await?;
        Ok(archives
            .into_iter()
            .filter_map(|(node, archive)| trouble(&node, archive))
            .collect())
    }
}

/// What is wrong with it. An agent of before knows one kind alone.
fn trouble(node: &NodeName, archive: PointInTimeView) -> Option<ArchiveTrouble> {
    let failing = || archive.failing_since.map(|_| "failing".to_owned());
    let kind = archive.alarm.clone().or_else(failing)?;
    Some(ArchiveTrouble {
        node: node.to_string(),
        since: match kind.as_str() {
            "failing" => archive.failing_since,
            "waiting" => archive.archived_at,
            "old-base" => archive.backed_up_at,
            _ => None,
        },
        kind,
        latest: archive.latest,
        detail: archive.trouble,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_broken_when_its_node_says_so_in_the_words_of_now_or_of_before() {
        let node: NodeName = "alpha".parse().unwrap();
        let told = |archive| trouble(&node, archive).map(|found| (found.kind, found.since));
        let at = jiff::Timestamp::UNIX_EPOCH;
        let good = PointInTimeView::default();
        assert_eq!(told(good.clone()), None);
        let before = PointInTimeView {
            failing_since: Some(at),
            ..good.clone()
        };
        assert_eq!(told(before), Some(("failing".to_owned(), Some(at))));
        let old = PointInTimeView {
            alarm: Some("old-base".to_owned()),
            backed_up_at: Some(at),
            ..good
        };
        assert_eq!(told(old), Some(("old-base".to_owned(), Some(at))));
    }
}
