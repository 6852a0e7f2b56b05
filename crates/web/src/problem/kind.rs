//! The kinds of problem: status, stable name, words in both languages.

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
    Forbidden,
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
    NoTemplate,
    BuildUnderWay,
    TemplateAdopted,
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
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Blocked => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::LinkOver => StatusCode::GONE,
            Self::NameTaken
            | Self::Busy
            | Self::State
            | Self::KeyNameTaken
            | Self::NoTemplate
            | Self::BuildUnderWay
            | Self::TemplateAdopted
            | Self::OperationConflict => StatusCode::CONFLICT,
            Self::OperationFailed => StatusCode::BAD_GATEWAY,
            Self::Unavailable | Self::Overloaded | Self::TookTooLong => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Method => "method",
            Self::LinkOver => "link-over",
            Self::NameTaken => "name-taken",
            Self::Busy => "busy",
            Self::State => "state",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::KeyNameTaken => "key-name-taken",
            Self::NoTemplate => "no-template",
            Self::BuildUnderWay => "build-under-way",
            Self::TemplateAdopted => "template-adopted",
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
                "Send a valid API key as X-API-KEY or as Authorization: Bearer.",
            ),
            Self::Forbidden => ("Not allowed", "This API key may read only."),
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
            Self::NoTemplate => (
                "No template",
                "No node holds this template, ready to be cloned. Build it: tenantry template build.",
            ),
            Self::BuildUnderWay => ("Busy", "This template is being built already."),
            Self::TemplateAdopted => (
                "A copy of a database",
                "This template is a copy of a database and cannot be built from nothing. Adopt it again, or retire it.",
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
                "Envíe una clave de API válida como X-API-KEY o como Authorization: Bearer.",
            ),
            Self::Forbidden => ("No permitido", "Esta clave de API solo puede leer."),
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
            Self::NoTemplate => (
                "No hay plantilla",
                "Ningún nodo tiene esta plantilla lista para clonar. Constrúyala: tenantry template build.",
            ),
            Self::BuildUnderWay => ("Ocupado", "Esta plantilla ya se está construyendo."),
            Self::TemplateAdopted => (
                "Copia de una base de datos",
                "Esta plantilla es copia de una base de datos y no se puede construir de cero. Adóptela otra vez o retírela.",
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
