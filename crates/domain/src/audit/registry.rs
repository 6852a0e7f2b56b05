//! Every action that the audit trail speaks of.

use super::{AuditAction, AuditOutcome, AuditShape, AuditVisibility};
use AuditVisibility::{Organization, Staff, Tenant};

const fn operation(
    word: &'static str,
    visibility: AuditVisibility,
    english: &'static str,
    spanish: &'static str,
) -> AuditAction {
    AuditAction {
        word,
        shape: AuditShape::Operation,
        visibility,
        english,
        spanish,
    }
}

const fn done(
    word: &'static str,
    visibility: AuditVisibility,
    english: &'static str,
    spanish: &'static str,
) -> AuditAction {
    AuditAction {
        word,
        shape: AuditShape::Once(AuditOutcome::Done),
        visibility,
        english,
        spanish,
    }
}

const fn refused(word: &'static str, english: &'static str, spanish: &'static str) -> AuditAction {
    AuditAction {
        word,
        shape: AuditShape::Once(AuditOutcome::Refused),
        // The organization of whoever was refused, if they belong to one alone.
        visibility: Organization,
        english,
        spanish,
    }
}

/// Every action, by what it is about.
#[rustfmt::skip]
pub const ACTIONS: &[AuditAction] = &[
    operation("tenant.create",      Tenant,       "New tenant", "Espacio nuevo"),
    operation("tenant.adopt",       Tenant,       "A database becomes a tenant", "Una base de datos pasa a ser espacio"),
    operation("tenant.password",    Tenant,       "Administrator's password set", "Contraseña del administrador"),
    operation("tenant.email",       Tenant,       "Administrator's address changed", "Correo del administrador"),
    operation("tenant.check",       Tenant,       "Tenant looked at and mended", "Espacio revisado y reparado"),
    operation("tenant.rename",      Tenant,       "Tenant renamed", "Espacio renombrado"),
    operation("tenant.suspend",     Tenant,       "Tenant suspended", "Espacio suspendido"),
    operation("tenant.pause",       Tenant,       "Tenant paused", "Espacio pausado"),
    operation("tenant.resume",      Tenant,       "Tenant opened again", "Espacio reabierto"),
    operation("tenant.delete",      Tenant,       "Tenant deleted", "Espacio eliminado"),
    operation("tenant.undelete",    Tenant,       "Deleted tenant brought back", "Espacio eliminado que vuelve"),
    operation("tenant.purge",       Tenant,       "Deleted tenant dropped for good", "Espacio eliminado para siempre"),
    operation("tenant.bulk",        Staff,        "One change for many tenants", "Un cambio para muchos espacios"),
    done("tenant.update",           Tenant,       "Company or plan changed", "Empresa o plan cambiados"),
    done("tenant.assign",           Staff,        "Tenant given to an organization or taken back", "Espacio asignado a una organización o retirado"),
    operation("template.build",     Staff,        "Template built", "Plantilla construida"),
    operation("template.warm",      Staff,        "Template warmed", "Plantilla precalentada"),
    operation("template.adopt",     Staff,        "Template made of a database", "Plantilla hecha de una base de datos"),
    operation("template.retire",    Staff,        "Template retired", "Plantilla retirada"),
    done("template.pool",           Staff,        "Number of ready clones decided", "Número de copias listas decidido"),
    done("node.token",              Staff,        "Token for a new server made", "Ficha para un servidor nuevo"),
    done("node.enrol",              Staff,        "Server enrolled", "Servidor incorporado"),
    done("node.update",             Staff,        "Server's mode, bound or labels changed", "Modo, límite o etiquetas de un servidor"),
    done("node.remove",             Staff,        "Server taken out", "Servidor retirado"),
    done("operation.cancel",        Tenant,       "Operation taken back", "Operación retirada"),
    done("key.create",              Organization, "API key made", "Clave de API creada"),
    done("key.rotate",              Organization, "API key rotated", "Clave de API renovada"),
    done("key.revoke",              Organization, "API key revoked", "Clave de API revocada"),
    done("person.owner",            Staff,        "Owner's link used", "Enlace de propietario usado"),
    done("person.owner-link",       Staff,        "Owner's link made on the server's machine", "Enlace de propietario creado en el servidor"),
    done("person.invite",           Staff,        "Somebody invited into the staff", "Alguien invitado al personal"),
    done("person.join",             Organization, "Invitation accepted", "Invitación aceptada"),
    done("person.change",           Staff,        "Somebody's role or access changed", "Función o acceso de alguien cambiados"),
    done("person.reset",            Staff,        "Link for another password made", "Enlace para otra contraseña"),
    done("person.email-link",       Staff,        "Link for another address made", "Enlace para otro correo"),
    done("person.email",            Staff,        "Address changed", "Correo cambiado"),
    done("person.password",         Staff,        "Password changed", "Contraseña cambiada"),
    done("session.begin",           Staff,        "Signed in", "Sesión iniciada"),
    done("session.end",             Staff,        "Signed out", "Sesión cerrada"),
    done("session.end-all",         Staff,        "Signed out everywhere", "Sesiones cerradas en todas partes"),
    done("session.token-reused",    Staff,        "A used refresh token came again, and the session was ended", "Volvió una ficha ya usada y se cerró la sesión"),
    done("session.challenge",       Staff,        "Password right, second factor asked for", "Contraseña correcta, se pidió el segundo factor"),
    done("session.step-up",         Staff,        "Identity proven anew in a session", "Identidad demostrada de nuevo en una sesión"),
    done("factor.begin",            Staff,        "Setting up a second factor begun", "Configuración de un segundo factor empezada"),
    done("factor.add",              Staff,        "Second factor added", "Segundo factor añadido"),
    done("factor.remove",           Staff,        "Second factor taken away", "Segundo factor retirado"),
    done("factor.recovery",         Staff,        "Recovery codes made anew", "Códigos de recuperación renovados"),
    done("factor.reset",            Staff,        "Somebody's second factors taken away by staff", "Segundos factores de alguien retirados por el personal"),
    done("organization.second-factor", Organization, "Organization's demand for a second factor changed", "Exigencia de segundo factor de la organización cambiada"),
    done("organization.create",     Organization, "Organization made", "Organización creada"),
    done("organization.update",     Organization, "Organization renamed", "Organización renombrada"),
    done("member.invite",           Organization, "Somebody invited into the organization", "Alguien invitado a la organización"),
    done("member.change",           Organization, "Member's role changed, or member taken out", "Función de un miembro, o su salida"),
    done("setting.set",             Staff,        "Setting changed", "Ajuste cambiado"),
    done("setting.reset",           Staff,        "Setting back to its default", "Ajuste devuelto a su valor inicial"),
    done("secrets.rotate",          Staff,        "Keys of the stored secrets exchanged", "Claves de los secretos guardados renovadas"),
    done("block.lift",              Staff,        "Block of the front door lifted", "Bloqueo de la puerta levantado"),
    done("audit.key",               Staff,        "Key made that signs the audit trail", "Clave que firma el registro creada"),
    done("audit.drop",              Staff,        "Days of the audit trail dropped by retention", "Días del registro retirados por antigüedad"),
    done("audit.cut",               Staff,        "The chain ends before what this server had sealed", "La cadena acaba antes de lo que este servidor selló"),
    refused("session.refused",      "Sign-in refused", "Inicio de sesión rechazado"),
    refused("factor.refused",       "Second factor refused", "Segundo factor rechazado"),
    refused("refused.factor",       "Refused: a second factor has to be set up first", "Rechazado: antes hay que configurar un segundo factor"),
    refused("refused.step-up",      "Refused: identity has to be proven anew", "Rechazado: hay que demostrar la identidad de nuevo"),
    refused("refused.challenge",    "Refused: the challenge was over", "Rechazado: el reto ya no valía"),
    refused("refused.role",         "Refused: the role does not allow it", "Rechazado: la función no lo permite"),
    refused("refused.credential",   "Refused: the credential does not work", "Rechazado: la credencial no sirve"),
    refused("refused.foreign-page", "Refused: the request came from another page", "Rechazado: la petición vino de otra página"),
    refused("refused.link",         "Refused: the link or token is not valid", "Rechazado: el enlace o la ficha no vale"),
];
