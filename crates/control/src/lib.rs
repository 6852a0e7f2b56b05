//! Use cases of the control plane, one file per verb.
//!
//! A use case checks what was asked, decides, writes everything in one transaction and returns; the
//! node does the work. Nothing here knows HTTP, and no transaction is open while anything waits.

mod audit;
mod backup;
mod caller;
mod catalogue;
mod database;
mod download;
mod drain;
mod drift;
mod error;
mod factor;
mod import;
mod intent;
mod key;
mod link;
mod live;
mod metrics;
mod node;
mod operation;
mod organization;
mod panel;
mod password;
mod person;
mod sealing;
mod secrets;
mod security;
mod setting;
mod settings;
mod sso;
mod support;
mod template;
mod tenant;
mod token;
mod work;
mod world;

pub use audit::{ChainReader, Export, audit_title_of};
pub use backup::{BackupObstacle, BackupQuery};
pub use caller::{Caller, Client, IdempotencyKey};
pub use download::{Fetch, Fetched, Seal, Unsealed};
pub use drain::pause::DrainPace;
pub use drift::{Drift, DriftFound, DriftNode};
pub use error::{ConflictReason, ControlError, Crowd, MoveObstacle};
pub use factor::second_step::SecondStepAsked;
pub use import::Place;
pub use live::{Live, RequestLimits, SupportBounds, Trial};
pub use node::enrol::NodeSession;
pub use node::lost::GivenUp;
pub use node::server_identity::Proof;
pub use oidc::{Fault as ProviderFault, Seen as ProviderSeen, TokenFault};
pub use operation::cancel::CANCELLED;
pub use operation::decide::Decision;
pub use operation::history::HistoryQuery;
pub use operation::view::operation_view;
pub use panel::{Change, Changes, Counted, Day, OnSale, Overview};
pub use person::link::Founding;
pub use person::list::PersonRef;
pub use person::refresh::RefreshToken;
pub use person::register::{Offer, Registered};
pub use person::sign_in::{Credentials, Side, SignInCame, SignInDone};
pub use sealing::{SealingError, ServerKey};
pub use secrets::{Reencrypt, Rotation};
pub use security::{BlockQuery, Found};
pub use setting::Named;
pub use settings::Settings;
pub use sso::finish::{Returned, SignOnDone};
pub use sso::refusal::SignOnRefusal;
pub use sso::start::SignOnStart;
pub use support::decide::Verdict;
pub use tenant::{create::Registration, delete::Confirmed, update::Update};
pub use token::{AccessToken, Tokens};
pub use work::{Regular, registry};
pub use world::World;

use operations::{Engine, Pace, Registry};
use password::Passwords;
use std::sync::Arc;
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
    pub(crate) registry: Arc<Registry<Self>>,
    pub(crate) server_identity: node::server_identity::ServerIdentity,
    pub(crate) providers: oidc::Providers,
}

impl Control {
    /// Puts the control plane together. Nothing runs until [`Control::run`].
    pub fn new(store: Store, server_key: ServerKey, settings: Settings, world: World) -> Self {
        let providers = sso::providers(&settings);
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
            registry: Arc::new(registry()),
            server_identity: node::server_identity::ServerIdentity::default(),
            providers,
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Listens to the database and looks after what must stay true, for ever.
    pub async fn run(&self) {
        let worker = self.worker(Pace::default());
        tokio::join!(
            self.signals.pump(&self.store),
            worker.run(),
            self.keep_support(),
            self.keep_live(),
            self.keep_findings(),
            self.keep_sealed()
        );
    }

    /// A worker for the control plane's own work, as [`Control::run`] has one. Several share it.
    pub fn worker(&self, pace: Pace) -> Engine<Self> {
        Engine::new(self.clone(), Arc::clone(&self.registry), pace)
    }

    /// Listens to the database for ever, for workers that are run by themselves.
    pub async fn listen(&self) {
        self.signals.pump(&self.store).await;
    }

    /// Whether requests can be served.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`] when the control database does not answer.
    pub async fn ready(&self) -> Result<(), ControlError> {
        Ok(self.store.ping().await?)
    }
}
