//! Orders are stored without their secrets; a secret is sealed beside them until the command is done.

use crate::{Control, ControlError};
use domain::CommandId;
use serde_json::Value;
use store::DeliveredCommand;
use wire::Plaintext;
use wire::node::{Command, Order};

/// The place of an order's secret, if it has one.
fn secret_of(order: &mut Order) -> Option<&mut Option<Plaintext>> {
    match order {
        Order::CreateTenant(create) => Some(&mut create.admin_password),
        Order::SetPassword(set) => Some(&mut set.password),
        Order::BackUpTenant(order) => Some(&mut order.keys),
        Order::VerifyBackup(order) => Some(&mut order.keys),
        Order::RestoreTenant(order) => Some(&mut order.keys),
        Order::PruneBackups(order) => Some(&mut order.keys),
        Order::SendBackup(order) => Some(&mut order.keys),
        Order::RewindTenant(order) => Some(&mut order.keys),
        _ => None,
    }
}

impl Control {
    /// Parts an order from its secret.
    pub(crate) fn seal_order(
        &self,
        id: CommandId,
        mut order: Order,
    ) -> Result<(Value, Option<Vec<u8>>), ControlError> {
        let secret = secret_of(&mut order).and_then(Option::take);
        let sealed = secret
            .map(|secret| {
                self.server_key
                    .seal(secret.expose(), &id.to_string(), self.world.bytes())
            })
            .transpose()?;
        Ok((
            serde_json::to_value(order).map_err(ControlError::internal)?,
            sealed,
        ))
    }

    /// Puts an order together again, for the node that is to do it.
    pub(crate) async fn open_order(&self, delivered: DeliveredCommand) -> Result<Command, ControlError> {
        let mut order: Order = serde_json::from_value(delivered.payload).map_err(ControlError::internal)?;
        if let Some(sealed) = &delivered.sealed {
            self.look_for_key(sealed).await?;
        }
        if let (Some(place), Some(sealed)) = (secret_of(&mut order), &delivered.sealed) {
            *place = Some(Plaintext::new(
                self.server_key.open(sealed, &delivered.id.to_string())?,
            ));
        }
        Ok(Command {
            id: delivered.id,
            generation: delivered.generation,
            order,
        })
    }
}
