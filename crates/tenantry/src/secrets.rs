//! `tenantry secrets`: the keys that secrets are sealed with, exchanged by whoever has the server's configuration.

use crate::arguments::SecretsAction;
use crate::configuration::{self, ServerFile};
use anyhow::{Context as _, Result};
use control::{Caller, Reencrypt, Rotation};
use std::io::Write as _;

/// Does what was asked, and says what was done.
pub(crate) async fn run(action: &SecretsAction) -> Result<()> {
    let SecretsAction::Rotate(rotate) = action;
    let file: ServerFile = configuration::read(&rotate.config)?;
    let control = crate::server::control(&file.database_url, file.server_key()?, &file.panel)?;
    let reencrypt = match rotate.reencrypt {
        true => Reencrypt::All,
        false => Reencrypt::Leave,
    };
    let rotation = control
        .rotate_keys(&Caller::system(), reencrypt)
        .await
        .context("exchanging the keys")?;
    Ok(writeln!(
        std::io::stdout(),
        "{}",
        told(rotation, !file.previous_keys.is_empty())
    )?)
}

fn told(rotation: Rotation, had_others: bool) -> String {
    let Rotation {
        rewrapped,
        resealed,
        forgotten,
        direct,
        unreadable,
    } = rotation;
    let mut text = format!(
        "A new key is in use. Keys brought under the server's present one: {rewrapped}; secrets sealed anew: {resealed}; \
         keys forgotten: {forgotten}."
    );
    if unreadable > 0 {
        text.push_str(&format!(
            "\n{unreadable} secrets could not be opened with any key at hand; they stay as they are."
        ));
    }
    if direct > unreadable {
        text.push_str(&format!(
            "\n{} secrets are sealed with a server's key itself; --reencrypt seals them anew.",
            direct - unreadable
        ));
    } else if had_others {
        text.push_str(
            "\nEverything is under the present key now: take previous_keys out of the configuration.",
        );
    }
    text
}
