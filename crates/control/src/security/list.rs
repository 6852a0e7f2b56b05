//! Looking blocks up.

use crate::{Caller, Control, ControlError};
use domain::Action;
use domain::{BlockId, FieldErrors, Rule, WallRule};
use std::net::IpAddr;
use store::{BlockFilter, BlockRecord};
use wire::security::BlockView;

const MOST: i64 = 200;
const USUAL: i64 = 50;

/// Which blocks somebody wants to see.
#[derive(Debug, Default)]
pub struct BlockQuery {
    /// Only of this rule.
    pub rule: Option<String>,
    /// Only of this address.
    pub address: Option<String>,
    /// At most so many, 1 to 200.
    pub limit: Option<i64>,
}

impl Control {
    /// The blocks, newest first.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for the query.
    pub async fn blocks(&self, caller: &Caller, query: &BlockQuery) -> Result<Vec<BlockView>, ControlError> {
        caller.require(Action::ReadBlocks)?;
        let mut errors = FieldErrors::default();
        let rule = errors.optional::<WallRule>("rule", query.rule.as_deref());
        let address = query.address.as_deref().map(|text| {
            text.parse::<IpAddr>().map_err(|_| Rule::Type {
                expected: "an IP address".to_owned(),
            })
        });
        let address = address.and_then(|address| errors.keep("address", address));
        let limit = query.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            errors.push("limit", Rule::Range { min: 1, max: MOST });
        }
        if !errors.is_empty() {
            return Err(ControlError::fields(errors));
        }
        let filter = BlockFilter {
            rule,
            address,
            id: None,
            limit,
        };
        let records = self.store.on_behalf_of(caller.actor()).blocks(&filter).await?;
        Ok(records.into_iter().map(view).collect())
    }

    /// One block.
    ///
    /// # Errors
    /// [`ControlError::NotFound`].
    pub async fn block(&self, caller: &Caller, id: BlockId) -> Result<BlockView, ControlError> {
        caller.require(Action::ReadBlocks)?;
        let filter = BlockFilter {
            id: Some(id),
            limit: 1,
            ..BlockFilter::default()
        };
        let records = self.store.on_behalf_of(caller.actor()).blocks(&filter).await?;
        let record = records.into_iter().next();
        record.map(view).ok_or(ControlError::NotFound("block"))
    }
}

fn view(record: BlockRecord) -> BlockView {
    let newest = record.newest;
    BlockView {
        id: newest.id.to_string(),
        rule: newest.rule.to_string(),
        address: newest.address.to_string(),
        refused: newest.refused,
        method: newest.method,
        path: newest.path,
        agent: newest.agent,
        request_id: newest.request_id,
        count: newest.count,
        first_at: record.first_at,
        last_at: newest.at,
        lifted_until: record.lifted_until,
        lifted_by: record.lifted_by,
    }
}
