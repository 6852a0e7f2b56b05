//! Use cases of the control plane, one file per verb.
//!
//! A use case checks what was asked, decides, writes everything in one transaction and returns; the
//! node does the work. Nothing here knows HTTP, and no transaction is open while anything waits.

mod audit;
mod caller;
mod error;
mod factor;
mod intent;
mod key;
mod link;
mod live;
mod metrics;
mod node;
mod operation;
mod organization;
mod password;
mod person;
mod sealing;
mod secrets;
mod security;
mod setting;
mod settings;
mod template;
mod tenant;
mod token;
mod world;

pub use audit::{ChainReader, Export, audit_title_of};
pub use caller::{Caller, Client, IdempotencyKey};
pub use error::{ConflictReason, ControlError};
pub use factor::second_step::SecondStepAsked;
pub use live::{Live, RequestLimits};
pub use node::enrol::NodeSession;
pub use operation::cancel::CANCELLED;
pub use operation::view::operation_view;
pub use person::link::Founding;
pub use person::list::PersonRef;
pub use person::refresh::RefreshToken;
pub use person::sign_in::{Credentials, Side, SignInCame, SignInDone};
pub use sealing::{SealingError, ServerKey};
pub use secrets::{Reencrypt, Rotation};
pub use security::{BlockQuery, Found};
pub use setting::Named;
pub use settings::Settings;
pub use tenant::{create::Registration, delete::Confirmed, update::Update};
pub use token::{AccessToken, Tokens};
pub use world::World;

use password::Passwords;
use store::{Signals, Store};
use token::SigningKeys;

/// The control plane: the store, what it needs to decide, and who wakes whom.
#[derive(Clone, Debug)]
pub struct Control {
    pub(crate) store: Store,
    pub(crate) signals: Signals,
    pub(crate) server_key: ServerKey,
    pub(crate) settings: Settings,
    pub(crate) world: World,
    pub(crate) passwords: Passwords,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) board: live::Board,
    pub(crate) pending: security::Pending,
    pub(crate) chain: audit::ChainMemory,
}

impl Control {
    /// Puts the control plane together. Nothing runs until [`Control::run`].
    pub fn new(store: Store, server_key: ServerKey, settings: Settings, world: World) -> Self {
        Self {
            store,
            signals: Signals::new(),
            server_key,
            settings,
            world,
            passwords: Passwords::default(),
            signing_keys: SigningKeys::default(),
            board: live::Board::new(),
            pending: security::Pending::default(),
            chain: audit::ChainMemory::default(),
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Listens to the database and looks after what must stay true, for ever.
    pub async fn run(&self) {
        tokio::join!(
            self.signals.pump(&self.store),
            self.keep_tombstones(),
            self.forget_sign_ins(),
            self.keep_live(),
            self.keep_findings(),
            self.keep_sealed()
        );
    }

    /// Whether requests can be served.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`] when the control database does not answer.
    pub async fn ready(&self) -> Result<(), ControlError> {
        Ok(self.store.ping().await?)
    }
}
