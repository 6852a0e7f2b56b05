//! The edge of a node: hosts and settings in, text of nginx files out. No I/O.
//!
//! One nginx serves all tenants of a node. Its configuration never names a tenant: it derives the
//! database from the host and asks the file system for a *marker*, an empty file that the node
//! keeps for each tenant (see [`HostState`]). So creating, pausing or suspending a tenant is the
//! making or removing of one file, takes effect with the next request and needs no reload.
//!
//! # What the edge keeps apart
//! Odoo picks the database of a request from the session, the header `X-Odoo-Database` or the
//! parameter `db`, and checks each against the filter in the header `X-Odoo-dbfilter`, which the
//! edge always sets to exactly one name. It refuses the database manager (`/web/database`) and the
//! database service of XML-RPC (`/xmlrpc/db`, `/xmlrpc/2/db`), also behind a language (`/es/web/database`):
//! Odoo's websites take that segment off and serve the rest.
//!
//! # What it cannot keep apart
//! - `/jsonrpc`, `/xmlrpc/common`, `/xmlrpc/object` and their `/xmlrpc/2` forms carry the database's name
//!   in the body, and Odoo's `dispatch_rpc` never asks the filter. The add-on `tenantry_guard` (`deploy/odoo`), which
//!   Odoo must load, makes it ask. A marker is what visitors see; the gate on the database is what closes a tenant.
//! - `/jsonrpc` reaches the database service too. `list_db = False` refuses all of it but
//!   `db_exist`, `list_lang`, `list_countries` and `server_version`.
//! - A website's own rewrite rules (`website.rewrite`) can serve the manager under another path. It is
//!   then without effect for the same `list_db = False`, which therefore is not optional.
//! - A WebSocket that is open when a marker changes stays open; the database's gate silences it.
//! - Odoo must listen on loopback only and run with `proxy_mode = True`, the server-wide module
//!   `dbfilter_from_header`, and `x_sendfile` off (the edge ignores `X-Accel-Redirect`).
//!
//! # Closing the back office alone
//! Under the marker [`HostState::Restricted`] the public website is served, and the back office and every
//! other way to its data answer 402: `/web` and what is below but for what pages of a website load, `/odoo`,
//! `/scoped_app`, `/pos/ui`, `/json`, `/jsonrpc`, `/xmlrpc`, and the pages to log in, sign up and set a
//! password, all of them also behind a website's language (`template/back_office.conf` has the list, taken
//! from the routes of Odoo 19). A path with dot segments is closed, because Odoo and nginx read it
//! differently. Nothing of the visitor's session is touched.
//!
//! It is for visitors, and softer than the other markers. Who is logged in already keeps
//! - the portal (`/my`, `/shop`, quotations and invoices there) and the log-out;
//! - what `/web/content` and `/web/image` give that user: attachments, pictures, binary fields;
//! - `/report/…` (printed records), `/doc` (names of models and fields), `/mail/…`, `/discuss/…` and
//!   `/websocket`: a tab that is open goes on chatting, and so does the website's live chat;
//! - the website editor's own routes (`/website/…`, `/html_editor/…`), without the editor's page;
//! - the remaining routes of modules, of this kind: `/hr_attendance/…`, `/calendar/…`, `/mail_plugin/…`.
//!
//! What a website's pages ask of models (`/web/dataset`) is closed even so, and cannot be opened by halves:
//! the model stands in the body. So a visitor who is logged in cannot send the website's forms, which first
//! look up what to fill in, nor moderate a forum or make API keys in the portal; one who is not misses
//! nothing. Webhooks under `/web/hook` are closed, too. An administrator who prepared for it gets around the
//! marker with a website's rewrite rule.
//!
//! # Running it
//! Make [`EdgeSettings::folders`], write [`render`]'s files under `config_dir`, and start
//! `/usr/sbin/nginx` with [`EdgeSettings::nginx_arguments`]: it stays in the foreground. SIGHUP
//! reloads changed settings, SIGQUIT stops gently, SIGTERM at once; it listens once `run_dir/nginx.pid` has
//! content. Two traps: a signal that reaches it in its first milliseconds is lost, so repeat it until
//! the process has ended; and SIGKILL leaves its workers behind, which go on serving.
//!
//! `/.edge-digest` tells anybody on the machine, at a host that is no tenant's, which [`digest`] nginx has
//! loaded: after a reload that it refused, still the old one.

mod cause;
mod digest;
mod error;
mod file;
mod logo;
mod network;
mod nginx;
mod page;
mod page_text;
mod settings;
mod state;
mod svg;
mod template;
mod text;

pub use cause::HostCause;
pub use digest::digest;
pub use error::SettingError;
pub use file::{EdgeFile, render};
pub use logo::OperatorLogo;
pub use network::{ClientAddressHeader, Listen, PublicScheme, TrustedProxy, Upstream};
pub use page::PageLanguage;
pub use settings::{BodyLimit, EdgeSettings};
pub use state::{HostState, TenantDatabase};
pub use text::{AbsolutePath, Domain, OperatorLink, OperatorName, PortalAddress};
