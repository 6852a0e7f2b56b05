//! Nodes enrol themselves with a one-time token and get a credential of their own.

use crate::sealing::token_hash;
use crate::{Caller, Control, ControlError};
use domain::{Action, NodeId, NodeName, Rule};
use jiff::SignedDuration;
use store::{Actor, AuditEntry, NewNode};
use wire::Plaintext;
use wire::apikey::EnrolmentToken;
use wire::node::{Enrol, Enrolled};

/// How long an enrolment token works.
const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// What parts a token's secret from the fingerprint of the server's key, by which the node knows that server.
const FINGERPRINT: char = '.';

/// A node that proved who it is.
#[derive(Clone, Copy, Debug)]
pub struct NodeSession {
    /// Who.
    pub node: NodeId,
}

impl Control {
    /// Makes a token with which one node of this name can enrol, once.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] on `name`.
    pub async fn create_enrolment_token(
        &self,
        caller: &Caller,
        name: Option<&str>,
    ) -> Result<EnrolmentToken, ControlError> {
        caller.require(Action::EnrolNode)?;
        let name: NodeName = name
            .ok_or(Rule::Required)
            .and_then(str::parse)
            .map_err(|rule| ControlError::field("name", rule))?;
        let token = format!("tne_{}", hex::encode(self.world.bytes::<32>()));
        let (_, fingerprint) = self.public_identity().await?;
        let now = self.world.now();
        let expires_at = now + TOKEN_LIFE;
        let mut unit = self.store.on_behalf_of(caller.actor()).begin().await?;
        unit.insert_enrolment_token(&token_hash(&token), &name, now, expires_at)
            .await?;
        let request_id = caller.request_id.as_deref();
        let detail = serde_json::json!({});
        unit.audit(AuditEntry {
            at: now,
            action: "node.token",
            subject: name.as_str(),
            operation: None,
            request_id,
            detail,
        })
        .await?;
        unit.commit().await?;
        Ok(EnrolmentToken {
            token: Plaintext::new(format!("{token}{FINGERPRINT}{fingerprint}")),
            expires_at,
        })
    }

    /// Takes a node in. A node that lost its credential enrols again with a new token and stays who it was.
    ///
    /// # Errors
    /// [`ControlError::LinkOver`] when the token is unknown, used or over.
    pub async fn enrol(&self, request: &Enrol) -> Result<Enrolled, ControlError> {
        let pattern = request.address_pattern.as_str();
        let sound = pattern.matches('*').count() == 1
            && (pattern.starts_with("http://*.") || pattern.starts_with("https://*."));
        if !sound || pattern.len() > 300 || pattern.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(ControlError::field(
                "address_pattern",
                Rule::OneOf {
                    allowed: "https://*.example.com".to_owned(),
                },
            ));
        }
        let token = request.token.expose();
        let secret = token.split_once(FINGERPRINT).map_or(token, |(secret, _)| secret);
        let (server_key, _) = self.public_identity().await?;
        let node = NodeId::from_uuid(self.world.uuid());
        let credential = format!("tnn_{}", hex::encode(self.world.bytes::<32>()));
        let now = self.world.now();
        let mut unit = self.store.on_behalf_of(Actor::Node(node)).begin().await?;
        let name = unit
            .use_enrolment_token(&token_hash(secret), now)
            .await?
            .ok_or(ControlError::LinkOver)?;
        let version: String = request
            .version
            .chars()
            .filter(|c| !c.is_control())
            .take(40)
            .collect();
        let node = unit
            .enrol_node(NewNode {
                id: node,
                name: &name,
                domain: &request.domain,
                address_pattern: pattern,
                credential_hash: &token_hash(&credential),
                version: &version,
                enrolled_at: now,
            })
            .await?;
        let detail = serde_json::json!({ "domain": request.domain, "version": version });
        unit.audit(AuditEntry {
            at: now,
            action: "node.enrol",
            subject: name.as_str(),
            operation: None,
            request_id: None,
            detail,
        })
        .await?;
        unit.commit().await?;
        Ok(Enrolled {
            node,
            credential: Plaintext::new(credential),
            server_key: Some(server_key),
        })
    }
}
