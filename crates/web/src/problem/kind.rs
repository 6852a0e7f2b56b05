//! The kinds of problem: status, stable name, words in both languages.

use super::factor::FactorKind;
use crate::language::Language;
use axum::http::StatusCode;

/// A kind of problem, named on the wire by [`Kind::slug`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Invalid,
    Malformed,
    SlowBody,
    TooLarge,
    MediaType,
    Unauthenticated,
    Credentials,
    Limited,
    Forbidden,
    ForeignPage,
    NotFound,
    Method,
    Blocked,
    TooMany,
    Overloaded,
    TookTooLong,
    LinkOver,
    NameTaken,
    Busy,
    State,
    IdempotencyKeyReused,
    KeyNameTaken,
    EmailTaken,
    OrganizationNameTaken,
    ProviderNameTaken,
    SignOn,
    SignOnForbidden,
    ProviderFailed,
    PasswordBarred,
    Factor(FactorKind),
    LogoutToken,
    LastOwner,
    JustRefreshed,
    NoTemplate,
    NoRoom,
    NodeInUse,
    NodeLost,
    NodeNotLost,
    NodeRemoved,
    OperationBegun,
    NothingToDecide,
    PlanChanged,
    MoveRefused,
    BackupRefused,
    NoBackupStore,
    BackupStoreInUse,
    DrainUnderWay,
    NoDrain,
    TransferOver,
    TransferAlone,
    BuildUnderWay,
    TemplateAdopted,
    SupportNever,
    SupportUnderWay,
    SupportState,
    OperationConflict,
    OperationInvalid,
    OperationFailed,
    Unavailable,
    Internal,
}

impl Kind {
    /// The status code.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Invalid | Self::IdempotencyKeyReused | Self::OperationInvalid => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Malformed | Self::LogoutToken => StatusCode::BAD_REQUEST,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthenticated | Self::Credentials | Self::SignOn => StatusCode::UNAUTHORIZED,
            Self::Limited => StatusCode::TOO_MANY_REQUESTS,
            Self::Forbidden
            | Self::ForeignPage
            | Self::Blocked
            | Self::SignOnForbidden
            | Self::PasswordBarred => StatusCode::FORBIDDEN,
            Self::Factor(kind) => kind.status(),
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::LinkOver | Self::NodeRemoved => StatusCode::GONE,
            Self::NameTaken
            | Self::Busy
            | Self::State
            | Self::KeyNameTaken
            | Self::EmailTaken
            | Self::OrganizationNameTaken
            | Self::ProviderNameTaken
            | Self::LastOwner
            | Self::JustRefreshed
            | Self::NoTemplate
            | Self::NoRoom
            | Self::NodeInUse
            | Self::NodeLost
            | Self::NodeNotLost
            | Self::OperationBegun
            | Self::NothingToDecide
            | Self::PlanChanged
            | Self::MoveRefused
            | Self::BackupRefused
            | Self::NoBackupStore
            | Self::BackupStoreInUse
            | Self::DrainUnderWay
            | Self::NoDrain
            | Self::TransferOver
            | Self::BuildUnderWay
            | Self::TemplateAdopted
            | Self::SupportNever
            | Self::SupportUnderWay
            | Self::SupportState
            | Self::OperationConflict => StatusCode::CONFLICT,
            Self::OperationFailed | Self::ProviderFailed => StatusCode::BAD_GATEWAY,
            Self::Unavailable | Self::Overloaded | Self::TookTooLong | Self::TransferAlone => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name, the end of the problem's `type`.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Malformed => "malformed",
            Self::SlowBody => "slow-body",
            Self::Blocked => "blocked",
            Self::TooMany => "too-many-requests",
            Self::Overloaded => "overloaded",
            Self::TookTooLong => "took-too-long",
            Self::TooLarge => "too-large",
            Self::MediaType => "media-type",
            Self::Unauthenticated => "unauthenticated",
            Self::Credentials => "credentials",
            Self::Limited => "too-many-attempts",
            Self::ForeignPage => "foreign-page",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Method => "method",
            Self::LinkOver => "link-over",
            Self::NameTaken => "name-taken",
            Self::Busy => "busy",
            Self::State => "state",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::KeyNameTaken => "key-name-taken",
            Self::EmailTaken => "email-taken",
            Self::OrganizationNameTaken => "organization-name-taken",
            Self::ProviderNameTaken => "provider-name-taken",
            Self::SignOn => "sign-on",
            Self::SignOnForbidden => "sign-on-refused",
            Self::ProviderFailed => "provider-failed",
            Self::PasswordBarred => "password-barred",
            Self::Factor(kind) => kind.slug(),
            Self::LogoutToken => "logout-token",
            Self::LastOwner => "last-owner",
            Self::JustRefreshed => "just-refreshed",
            Self::NoTemplate => "no-template",
            Self::NoRoom => "no-room",
            Self::NodeInUse => "node-in-use",
            Self::NodeLost => "node-lost",
            Self::NodeNotLost => "node-not-lost",
            Self::NodeRemoved => "node-removed",
            Self::OperationBegun => "operation-begun",
            Self::NothingToDecide => "nothing-to-decide",
            Self::PlanChanged => "plan-changed",
            Self::MoveRefused => "move-refused",
            Self::BackupRefused => "backup-refused",
            Self::NoBackupStore => "no-backup-store",
            Self::BackupStoreInUse => "backup-store-in-use",
            Self::DrainUnderWay => "drain-under-way",
            Self::NoDrain => "no-drain",
            Self::TransferOver => "transfer-over",
            Self::TransferAlone => "transfer-alone",
            Self::BuildUnderWay => "build-under-way",
            Self::TemplateAdopted => "template-adopted",
            Self::SupportNever => "support-never",
            Self::SupportUnderWay => "support-under-way",
            Self::SupportState => "support-state",
            Self::OperationConflict | Self::OperationInvalid | Self::OperationFailed => "operation-failed",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Title and detail in this language.
    pub(crate) const fn text(self, language: Language) -> (&'static str, &'static str) {
        match language {
            Language::English => self.english(),
            Language::Spanish => self.spanish(),
        }
    }

    const fn english(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid => (
                "Some fields are not right",
                "Some fields broke a rule; see errors.",
            ),
            Self::Malformed => (
                "The body is not JSON",
                "The body cannot be read as a JSON object.",
            ),
            Self::SlowBody => (
                "The body came too slowly",
                "The body was not there in time. Send it again at once.",
            ),
            Self::Blocked => (
                "Refused at the door",
                "This request looks like an attack. If it is none, tell us this number and we let it pass:",
            ),
            Self::TooMany => (
                "Too many requests",
                "These were too many requests in a minute. Come again after the time in Retry-After.",
            ),
            Self::Overloaded => (
                "Too busy",
                "The server works on as many requests as it can. Nothing was changed; try again shortly.",
            ),
            Self::TookTooLong => (
                "It took too long",
                "The request took too long and was given up. Look whether it was done before you repeat it.",
            ),
            Self::TooLarge => ("The body is too large", "The body is larger than 64 kB."),
            Self::MediaType => (
                "The body is of another type",
                "Send the body as application/json.",
            ),
            Self::Unauthenticated => (
                "Who are you?",
                "Sign in, or send a valid API key as X-API-KEY or as Authorization: Bearer.",
            ),
            Self::Credentials => ("Not signed in", "The address or the password is not right."),
            Self::Limited => (
                "Too many attempts",
                "There were too many failed attempts. Try again later; Retry-After says when.",
            ),
            Self::Forbidden => ("Not allowed", "Your role or your key does not allow this."),
            Self::ForeignPage => (
                "Not from here",
                "This change did not come from a page of ours, or without its X-CSRF-Token.",
            ),
            Self::NotFound => ("Not found", "There is nothing of this name here."),
            Self::Method => ("Method not allowed", "This address does not take this method."),
            Self::LinkOver => (
                "The link is over",
                "This link or token was used, has ended, or never existed. Ask for a new one.",
            ),
            Self::NameTaken => (
                "The name is taken",
                "subdomain: this name is taken, in this or another spelling. Choose another.",
            ),
            Self::Busy => (
                "Busy",
                "Another operation is under way on this tenant. Try again when it has ended.",
            ),
            Self::State => ("Not in this state", "The tenant's state does not allow this."),
            Self::IdempotencyKeyReused => (
                "Idempotency-Key used before",
                "This Idempotency-Key came with another request before. Use a new one.",
            ),
            Self::KeyNameTaken => (
                "The name is taken",
                "name: an API key of this name is in force. Choose another, or revoke it.",
            ),
            Self::EmailTaken => (
                "The address is taken",
                "Somebody signs in with this address. If it is you, sign in first and open the link again.",
            ),
            Self::OrganizationNameTaken => (
                "The name is taken",
                "name: there is an organization of this name. Choose another.",
            ),
            Self::ProviderNameTaken => (
                "The name is taken",
                "name: there is an identity provider of this name. Choose another.",
            ),
            Self::SignOn => (
                "Not signed in",
                "The provider's answer proves nothing. Begin again.",
            ),
            Self::SignOnForbidden => ("Not signed in", "With this provider you do not get in here."),
            Self::ProviderFailed => (
                "The provider does not work",
                "The identity provider does not work as it has to. Try again shortly.",
            ),
            Self::PasswordBarred => (
                "Not with a password",
                "Here one signs in with the identity provider. Choose \"Continue with\" on the page to sign in.",
            ),
            Self::Factor(kind) => kind.text(Language::English),
            Self::LogoutToken => (
                "Not a logout token",
                "The body is not a form with a logout token of this provider that is good and new.",
            ),
            Self::LastOwner => (
                "The last owner",
                "Nobody would be left who owns it. Make somebody else an owner first.",
            ),
            Self::JustRefreshed => (
                "Renewed already",
                "Another request renewed these tokens a moment ago; use the new ones.",
            ),
            Self::NoTemplate => (
                "No template",
                "No node holds this template, ready to be cloned. Build it: tenantry template build.",
            ),
            Self::NoRoom => (
                "No room",
                "No node that holds the template can take another tenant. What stands in the way:",
            ),
            Self::NodeInUse => (
                "The node is in use",
                "Move, or delete and purge, what is left on the node first. Left on it:",
            ),
            Self::NodeLost => (
                "The node is lost",
                "Nobody knows what this tenant's node does now, so that nothing is decided that could make two of it. Wait until the node is back, or take it out as lost. Node:",
            ),
            Self::NodeNotLost => (
                "The node is not lost",
                "This node was heard of not long ago. Move, or delete and purge, what is left on it instead.",
            ),
            Self::NodeRemoved => (
                "The node was taken out",
                "This node was taken out for good. It must close every tenant that it still has.",
            ),
            Self::OperationBegun => (
                "It has begun",
                "A node has begun this operation, or it has ended. Only what still waits can be taken back.",
            ),
            Self::NothingToDecide => (
                "Nothing to decide",
                "It has ended, a node does it, or it goes on by itself.",
            ),
            Self::BackupRefused => (
                "The backup does not serve for this",
                "This cannot be done with this backup, or on this node:",
            ),
            Self::NoBackupStore => (
                "No store of backups",
                "There is no store that backups are taken into. Add one, or say of one that backups are taken into it.",
            ),
            Self::BackupStoreInUse => (
                "Backups are in the store",
                "A store in which there were backups stays, so that their history does. Have no more backups taken into it instead.",
            ),
            Self::MoveRefused => (
                "It cannot move now",
                "The tenant cannot move to another node, or its move cannot be confirmed:",
            ),
            Self::DrainUnderWay => (
                "It is being drained",
                "The node is being drained already. Follow that, or cancel it first:",
            ),
            Self::NoDrain => ("No drain", "The node is not being drained."),
            Self::TransferOver => ("The transfer is over", "Nobody waits for this stream any more."),
            Self::TransferAlone => (
                "The other node is not there",
                "The other node of this transfer is not there, or broke off. Come again soon.",
            ),
            Self::PlanChanged => (
                "The plan has changed",
                "It is another thing by now. Look at the new plan and have that one done.",
            ),
            Self::BuildUnderWay => ("Busy", "This template is being built already."),
            Self::TemplateAdopted => (
                "A copy of a database",
                "This template is a copy of a database and cannot be built from nothing. Adopt it again, or retire it.",
            ),
            Self::SupportNever => (
                "No support access",
                "The customer's organization wants no support access to its tenants.",
            ),
            Self::SupportUnderWay => (
                "There is one already",
                "You have a support access to this tenant, or have asked for one. Use it or end it first.",
            ),
            Self::SupportState => (
                "Not as it stands",
                "The support access does not stand so that this makes sense, or its time is over. It is:",
            ),
            Self::OperationConflict | Self::OperationInvalid | Self::OperationFailed => (
                "The operation failed",
                "The operation failed, and what it had done was undone.",
            ),
            Self::Unavailable => (
                "Not available",
                "The control database does not answer. Nothing was changed; try again shortly.",
            ),
            Self::Internal => (
                "An internal error",
                "Something went wrong on our side. The log tells more under this request_id.",
            ),
        }
    }

    const fn spanish(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid => (
                "Hay campos incorrectos",
                "Algunos campos no cumplen una regla; vea errors.",
            ),
            Self::Malformed => (
                "El cuerpo no es JSON",
                "El cuerpo no se puede leer como un objeto JSON.",
            ),
            Self::SlowBody => (
                "El cuerpo llegó demasiado despacio",
                "El cuerpo no llegó a tiempo. Envíelo otra vez de una sola vez.",
            ),
            Self::Blocked => (
                "Rechazada en la puerta",
                "Esta petición parece un ataque. Si no lo es, díganos este número y la dejaremos pasar:",
            ),
            Self::TooMany => (
                "Demasiadas peticiones",
                "Fueron demasiadas peticiones en un minuto. Vuelva pasado el tiempo que dice Retry-After.",
            ),
            Self::Overloaded => (
                "Demasiado ocupado",
                "El servidor atiende todas las peticiones que puede. Nada ha cambiado; inténtelo en un momento.",
            ),
            Self::TookTooLong => (
                "Tardó demasiado",
                "La petición tardó demasiado y se abandonó. Mire si se hizo antes de repetirla.",
            ),
            Self::TooLarge => ("El cuerpo es demasiado grande", "El cuerpo supera los 64 kB."),
            Self::MediaType => (
                "El cuerpo es de otro tipo",
                "Envíe el cuerpo como application/json.",
            ),
            Self::Unauthenticated => (
                "¿Quién es usted?",
                "Entre, o envíe una clave de API válida como X-API-KEY o como Authorization: Bearer.",
            ),
            Self::Credentials => ("No ha entrado", "La dirección o la contraseña no es correcta."),
            Self::Limited => (
                "Demasiados intentos",
                "Hubo demasiados intentos fallidos. Inténtelo más tarde; Retry-After dice cuándo.",
            ),
            Self::Forbidden => ("No permitido", "Su rol o su clave no permite hacer esto."),
            Self::ForeignPage => (
                "No viene de aquí",
                "Este cambio no vino de una página nuestra, o vino sin su X-CSRF-Token.",
            ),
            Self::NotFound => ("No encontrado", "Aquí no hay nada con ese nombre."),
            Self::Method => ("Método no permitido", "Esta dirección no acepta este método."),
            Self::LinkOver => (
                "El enlace ya no vale",
                "Este enlace o código ya se usó, caducó o nunca existió. Pida uno nuevo.",
            ),
            Self::NameTaken => (
                "El nombre está ocupado",
                "subdomain: este nombre está ocupado, en esta u otra forma de escribirlo. Elija otro.",
            ),
            Self::Busy => (
                "Ocupado",
                "Hay otra operación en curso sobre este espacio. Inténtelo de nuevo cuando termine.",
            ),
            Self::State => (
                "No en este estado",
                "El estado del espacio no permite hacer esto.",
            ),
            Self::IdempotencyKeyReused => (
                "Idempotency-Key ya usada",
                "Esta Idempotency-Key llegó antes con otra petición. Use una nueva.",
            ),
            Self::KeyNameTaken => (
                "El nombre está ocupado",
                "name: hay una clave de API vigente con este nombre. Elija otro o revóquela.",
            ),
            Self::EmailTaken => (
                "La dirección está ocupada",
                "Alguien entra ya con esta dirección. Si es usted, entre primero y abra el enlace de nuevo.",
            ),
            Self::OrganizationNameTaken => (
                "El nombre está ocupado",
                "name: ya hay una organización con este nombre. Elija otro.",
            ),
            Self::ProviderNameTaken => (
                "El nombre está ocupado",
                "name: ya hay un proveedor de identidad con este nombre. Elija otro.",
            ),
            Self::SignOn => (
                "No ha entrado",
                "La respuesta del proveedor no prueba nada. Empiece de nuevo.",
            ),
            Self::SignOnForbidden => ("No ha entrado", "Con este proveedor no se entra aquí."),
            Self::ProviderFailed => (
                "El proveedor no funciona",
                "El proveedor de identidad no funciona como debe. Inténtelo en un momento.",
            ),
            Self::PasswordBarred => (
                "No con contraseña",
                "Aquí se entra con el proveedor de identidad. Elija «Continuar con» en la página de entrada.",
            ),
            Self::Factor(kind) => kind.text(Language::Spanish),
            Self::LogoutToken => (
                "No es un código de salida",
                "El cuerpo no es un formulario con un código de salida de este proveedor que valga y sea nuevo.",
            ),
            Self::LastOwner => (
                "Es el último propietario",
                "No quedaría ningún propietario. Nombre antes a otra persona.",
            ),
            Self::JustRefreshed => (
                "Ya renovado",
                "Otra petición renovó estos códigos hace un momento; use los nuevos.",
            ),
            Self::NoTemplate => (
                "No hay plantilla",
                "Ningún nodo tiene esta plantilla lista para clonar. Constrúyala: tenantry template build.",
            ),
            Self::NoRoom => (
                "No hay sitio",
                "Ningún nodo con la plantilla admite otro espacio. Lo que lo impide:",
            ),
            Self::NodeInUse => (
                "El nodo está en uso",
                "Mueva, o elimine y purgue, lo que queda en el nodo. Queda:",
            ),
            Self::NodeLost => (
                "El nodo está perdido",
                "Nadie sabe qué hace ahora el nodo de este espacio, así que no se decide nada que pueda duplicarlo. Espere a que vuelva, o retírelo como perdido. Nodo:",
            ),
            Self::NodeNotLost => (
                "El nodo no está perdido",
                "Hace poco que se supo de este nodo. Mueva, o elimine y purgue, lo que queda en él.",
            ),
            Self::NodeRemoved => (
                "El nodo se retiró",
                "Este nodo se retiró para siempre. Debe cerrar todos los espacios que aún tenga.",
            ),
            Self::OperationBegun => (
                "Ya empezó",
                "Un nodo ya empezó esta operación, o terminó. Solo se puede retirar lo que aún espera.",
            ),
            Self::NothingToDecide => (
                "Nada que decidir",
                "Ya terminó, la hace un nodo o sigue por sí sola.",
            ),
            Self::BackupRefused => (
                "La copia no sirve para esto",
                "No puede hacerse con esta copia de seguridad, o en este nodo:",
            ),
            Self::NoBackupStore => (
                "No hay almacén de copias",
                "No hay ningún almacén en el que se hagan copias de seguridad. Añada uno, o active uno de los que hay.",
            ),
            Self::BackupStoreInUse => (
                "Hay copias en el almacén",
                "Un almacén en el que hubo copias se queda, para que se conserve su historia. Deje de hacer copias en él.",
            ),
            Self::MoveRefused => (
                "Ahora no puede trasladarse",
                "El espacio no puede ir a otro nodo, o su traslado no puede confirmarse:",
            ),
            Self::DrainUnderWay => (
                "Ya se está vaciando",
                "El nodo ya se está vaciando. Siga ese vaciado, o cancélelo antes:",
            ),
            Self::NoDrain => ("Ningún vaciado", "El nodo no se está vaciando."),
            Self::TransferOver => ("La transferencia acabó", "Ya nadie espera este flujo."),
            Self::TransferAlone => (
                "El otro nodo no está",
                "El otro nodo de esta transferencia no está, o se cortó. Vuelva enseguida.",
            ),
            Self::PlanChanged => (
                "El plan ha cambiado",
                "Lo que hay que hacer ya es otra cosa. Mire el plan nuevo y pida ese.",
            ),
            Self::BuildUnderWay => ("Ocupado", "Esta plantilla ya se está construyendo."),
            Self::TemplateAdopted => (
                "Copia de una base de datos",
                "Esta plantilla es copia de una base de datos y no se puede construir de cero. Adóptela otra vez o retírela.",
            ),
            Self::SupportNever => (
                "Sin acceso de soporte",
                "La organización del cliente no quiere accesos de soporte a sus espacios.",
            ),
            Self::SupportUnderWay => (
                "Ya hay uno",
                "Usted tiene un acceso de soporte a este espacio, o lo ha pedido. Úselo o termínelo antes.",
            ),
            Self::SupportState => (
                "No en este estado",
                "El acceso de soporte no está en un estado que lo permita, o su tiempo terminó. Está:",
            ),
            Self::OperationConflict | Self::OperationInvalid | Self::OperationFailed => (
                "La operación falló",
                "La operación falló y lo que había hecho se deshizo.",
            ),
            Self::Unavailable => (
                "No disponible",
                "La base de datos de control no responde. Nada ha cambiado; inténtelo en un momento.",
            ),
            Self::Internal => (
                "Un error interno",
                "Algo falló de nuestro lado. El registro dice más bajo este request_id.",
            ),
        }
    }
}
